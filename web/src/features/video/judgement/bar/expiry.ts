const DAY_MS = 86_400_000
/** The server takes 90 days at most; a clock that runs ahead must not make them more. */
export const MOST_DAYS = 90
const SPARE_MS = 10 * 60_000

/** When a link ends that works for so many days. */
export function expiryOf(days: number, now: number): string {
  return new Date(now + days * DAY_MS - (days >= MOST_DAYS ? SPARE_MS : 0)).toISOString()
}
