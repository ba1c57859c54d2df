import type { Event, Waiver } from '@/api/judgement'

export interface Accepting {
  readonly check: string
  readonly who: string
  readonly why: string
  /** The last day it holds, `2027-01-31`; empty: for good. */
  readonly expires: string
  /** The finding that is accepted; null: all of the check. */
  readonly event: Pick<Event, 'start' | 'end'> | null
}

/**
 * The waiver of a check or of one finding. Its range is rounded outwards to whole milliseconds, as a waiver covers only
 * what lies wholly inside it.
 */
export function waiverOf({ check, who, why, expires, event }: Accepting): Waiver {
  const start = event && secondsText(thousandths(event.start, false))
  const end = event && secondsText(thousandths(event.end, true))
  return {
    check,
    who: who.trim(),
    why: why.trim(),
    ...(start && { start }),
    ...(end && { end }),
    ...(expires && { expires }),
  }
}

/** Exact seconds, `1001/30000`, in whole milliseconds: down, or up. */
function thousandths(exact: string, isUp: boolean): bigint {
  const [over = '0', under = '1'] = exact.split('/')
  const [n, d] = [BigInt(over) * 1000n, BigInt(under)]
  const down = n / d - (n % d < 0n ? 1n : 0n)
  return isUp && n % d !== 0n ? down + 1n : down
}

/** Times before 0 cannot be written; a range that begins there has no beginning. */
function secondsText(milliseconds: bigint): string | undefined {
  return milliseconds < 0n ? undefined : String(Number(milliseconds) / 1000)
}

/** With one more; the same range of the same check is not accepted twice. */
export function withWaiver(waivers: readonly Waiver[], made: Waiver): readonly Waiver[] {
  return [...waivers.filter((one) => !isSameRange(one, made)), made]
}

export function withoutWaiver(waivers: readonly Waiver[], taken: Waiver): readonly Waiver[] {
  return waivers.filter((one) => one !== taken)
}

function isSameRange(a: Waiver, b: Waiver): boolean {
  return a.check === b.check && a.start === b.start && a.end === b.end && a.sha256 === b.sha256
}

/** Whether a waiver is of this one finding or of a range around it; timecodes cannot be told here. */
export function covers(waiver: Waiver, event: Pick<Event, 'start_s' | 'end_s'>): boolean {
  if (waiver.start === undefined && waiver.end === undefined) return true
  const start = waiver.start === undefined ? Number.NEGATIVE_INFINITY : clockSeconds(waiver.start)
  const end = waiver.end === undefined ? Number.POSITIVE_INFINITY : clockSeconds(waiver.end)
  return start !== null && end !== null && start <= event.start_s && event.end_s <= end
}

/** `12.5`, `1:02.5`, `1:02:03.25`; null for anything else, timecodes too. */
export function clockSeconds(text: string): number | null {
  const found = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/.exec(text.trim())
  if (!found) return null
  return Number(found[3]) + 60 * Number(found[2] ?? 0) + 3600 * Number(found[1] ?? 0)
}

/** Why a waiver does not count any more on a day. */
export function isExpired(waiver: Waiver, today: string): boolean {
  return waiver.expires !== undefined && today > waiver.expires
}
