/** Bytes a second over the last seconds, and what is left by it. Pure: times are handed in, in milliseconds. */
export interface Pace {
  readonly marks: readonly { readonly at: number; readonly sent: number }[]
}

export const NO_PACE: Pace = { marks: [] }
const WINDOW_MS = 10_000
const LEAST_MS = 800
const STILL_MS = 5000
const APART_MS = 200

export function paced(pace: Pace, sent: number, at: number): Pace {
  const last = pace.marks.at(-1)
  // Fewer bytes than before: the server asked for a piece again, and what was measured says nothing.
  if (last && sent < last.sent) return { marks: [{ at, sent }] }
  if (last && at - last.at < APART_MS) return pace
  const kept = pace.marks.filter((mark) => at - mark.at <= WINDOW_MS)
  return { marks: [...kept, { at, sent }] }
}

/** Null until there is enough to go by, and when nothing has moved for long. */
export function bytesPerSecond(pace: Pace, at: number): number | null {
  const [first] = pace.marks
  const last = pace.marks.at(-1)
  if (!first || !last || last.at - first.at < LEAST_MS || at - last.at > STILL_MS) return null
  return ((last.sent - first.sent) / (last.at - first.at)) * 1000
}

export function secondsLeft(pace: Pace, size: number, at: number): number | null {
  const speed = bytesPerSecond(pace, at)
  const sent = pace.marks.at(-1)?.sent
  if (speed === null || speed <= 0 || sent === undefined) return null
  return Math.max(0, (size - sent) / speed)
}
