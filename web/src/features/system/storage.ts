/** What lies where, as shares of a disk. */

export interface Kept {
  readonly name: string
  readonly bytes: number | null
  readonly files: number | null
}

export interface Share {
  readonly name: string
  readonly bytes: number
  /** Of the disk, 0 to 1. */
  readonly share: number
}

/** Names of what is not one of ours. */
export const ELSE = 'else'
export const FREE = 'free'

/**
 * Shares of a disk, the largest of ours first, then what others have, then what is free. They add up to 1. What is kept
 * elsewhere (an object store) may be more than the disk holds: then shares are of the sum.
 */
export function sharesOf(items: readonly Kept[], disk: { total_bytes: number; free_bytes: number }): Share[] {
  const ours = items
    .filter((item): item is Kept & { bytes: number } => item.bytes !== null && item.bytes > 0)
    .sort((one, other) => other.bytes - one.bytes)
  const sum = ours.reduce((total, item) => total + item.bytes, 0)
  const others = Math.max(0, disk.total_bytes - disk.free_bytes - sum)
  const whole = sum + others + disk.free_bytes
  if (whole <= 0) return []
  const parts = [...ours, { name: ELSE, bytes: others }, { name: FREE, bytes: disk.free_bytes }]
  return parts.filter((part) => part.bytes > 0).map(({ name, bytes }) => ({ name, bytes, share: bytes / whole }))
}

/** How much of what may be spent is spent: 0 to 1 and beyond; null where there is no limit to compare with. */
export function used(spent: number, most: number | null | undefined): number | null {
  if (most === null || most === undefined) return null
  if (most === 0) return spent > 0 ? 1 : 0
  return spent / most
}

/** How a level stands against the limit it should keep: near from nine tenths on. */
export function tone(level: number | null, limit: number): 'pass' | 'warn' | 'fail' {
  if (level === null || level < limit * 0.9) return 'pass'
  return level < limit ? 'warn' : 'fail'
}
