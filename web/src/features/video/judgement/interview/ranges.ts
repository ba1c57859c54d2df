import { type Shown, valueText } from '../values'

/** `10.5 – 32.5 /min`, `≤ 30`; empty for none. */
export function rangeText(low: number | null, high: number | null, unit: string, shown: Shown): string {
  if (low === null && high === null) return ''
  if (low === null) return `≤ ${valueText(high, unit, shown)}`
  if (high === null) return `≥ ${valueText(low, unit, shown)}`
  const first = valueText(low, unit, shown)
  const last = valueText(high, unit, shown)
  const suffix = /[^\d.,−]+$/.exec(last)?.[0] ?? ''
  return `${suffix && first.endsWith(suffix) ? first.slice(0, -suffix.length) : first} – ${last}`
}

export interface RangeBar {
  /** The reference range as shares of the bar; 0 and 1 where it has no end. */
  readonly low: number
  readonly high: number
  readonly value: number
  readonly spread: readonly [number, number] | null
  readonly from: number
  readonly to: number
}

interface Measured {
  readonly value: number | null
  readonly unit: string
  readonly low: number | null
  readonly high: number | null
  readonly reference: { readonly low: number | null; readonly high: number | null } | null
}

/** Where a value lies in its reference range; null without either. */
export function rangeBar({ value, unit, low, high, reference }: Measured): RangeBar | null {
  if (value === null || !reference || (reference.low === null && reference.high === null)) return null
  const known = [value, low, high, reference.low, reference.high].filter((one): one is number => one !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const room = (most - least || Math.abs(most) || 1) * 0.3
  let [from, to] = [least - room, most + room]
  if (least >= 0) from = reference.low === null ? 0 : Math.max(0, from)
  if (unit === 'share' && most <= 1) to = Math.min(1, to)
  const share = (one: number) => Math.min(1, Math.max(0, (one - from) / (to - from)))
  return {
    low: reference.low === null ? 0 : share(reference.low),
    high: reference.high === null ? 1 : share(reference.high),
    value: share(value),
    spread: low !== null && high !== null ? [share(low), share(high)] : null,
    from,
    to,
  }
}
