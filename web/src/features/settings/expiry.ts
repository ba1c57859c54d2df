/** When a token ends. */

export const CHOICES = ['7', '30', '90', '365', 'day', 'never'] as const
export type Choice = (typeof CHOICES)[number]

const DAY_MS = 86_400_000

/**
 * The end of a choice as the API wants it; null for never, undefined while no day is chosen or where it has passed. A
 * chosen `day` (`2027-02-19`) is worked through to its last second, by the clock of whoever chose it.
 */
export function endOf(choice: Choice, day: string, now = Date.now()): string | null | undefined {
  if (choice === 'never') return null
  if (choice !== 'day') return new Date(now + Number(choice) * DAY_MS).toISOString()
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined
  const end = new Date(`${day}T23:59:59`)
  return Number.isNaN(end.getTime()) || end.getTime() <= now ? undefined : end.toISOString()
}

export type Standing = 'never' | 'over' | 'soon' | 'later'

/** Whether something ends, and whether somebody should do something about it now. */
export function standingOf(expires_at: string | null, now = Date.now()): Standing {
  if (expires_at === null) return 'never'
  const left = Date.parse(expires_at) - now
  if (left <= 0) return 'over'
  return left < 7 * DAY_MS ? 'soon' : 'later'
}

/** Whole days until then; 0 on the last one. */
export function daysLeft(expires_at: string, now = Date.now()): number {
  return Math.max(0, Math.floor((Date.parse(expires_at) - now) / DAY_MS))
}

/** The day of a moment here, as a date field wants it. */
export function dayOf(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 10)
}
