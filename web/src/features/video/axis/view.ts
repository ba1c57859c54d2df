import { type Seconds, type Span, seconds } from '@/state/seconds'

/** The part of the media that the lanes show, and how wide it is drawn. */
export interface View {
  readonly start: Seconds
  readonly end: Seconds
  /** CSS pixels. */
  readonly width: number
}

/** As close as one can look: a hundredth of a second over the whole width shows a single sample of 10 ms. */
export const CLOSEST_S = 0.05
/** How much of the view stays on either side of what is brought into sight. */
const MARGIN = 0.12

export function lengthOf(span: Span): number {
  return span.end - span.start
}

export function pixelOf(view: View, at: number): number {
  return ((at - view.start) / lengthOf(view)) * view.width
}

export function secondsAt(view: View, pixel: number): Seconds {
  return seconds(view.start + (pixel / view.width) * lengthOf(view))
}

export function pixelsPerSecond(view: View): number {
  return view.width / lengthOf(view)
}

/** Everything there is. */
export function wholeView(whole: Span, width: number): View {
  return { start: whole.start, end: seconds(Math.max(whole.end, whole.start + CLOSEST_S)), width: Math.max(1, width) }
}

/** A view of that length which begins there, kept inside the media: it is moved before it is made shorter. */
function inside(whole: Span, start: number, length: number, width: number): View {
  const all = Math.max(CLOSEST_S, lengthOf(whole))
  const kept = Math.min(Math.max(length, CLOSEST_S), all)
  const first = Math.min(Math.max(start, whole.start), whole.start + all - kept)
  return { start: seconds(first), end: seconds(first + kept), width }
}

export function clamped(view: View, whole: Span): View {
  return inside(whole, view.start, lengthOf(view), view.width)
}

export function resized(view: View, width: number): View {
  return { ...view, width: Math.max(1, width) }
}

/** `factor` above 1 looks closer. What is under `about` stays under it, except at the ends of the media. */
export function zoomed(view: View, factor: number, about: number, whole: Span): View {
  const all = Math.max(CLOSEST_S, lengthOf(whole))
  const length = Math.min(Math.max(lengthOf(view) / factor, CLOSEST_S), all)
  const share = (about - view.start) / lengthOf(view)
  return inside(whole, about - share * length, length, view.width)
}

export function panned(view: View, by: number, whole: Span): View {
  return inside(whole, view.start + by, lengthOf(view), view.width)
}

/** Two fingers: what was under each stays under it. */
export function pinched(
  view: View,
  before: readonly [number, number],
  now: readonly [number, number],
  whole: Span,
): View {
  const apart = Math.max(1, Math.abs(now[1] - now[0]))
  const wasApart = Math.max(1, Math.abs(before[1] - before[0]))
  const middle = (before[0] + before[1]) / 2
  const about = secondsAt(view, middle)
  const closer = zoomed(view, apart / wasApart, about, whole)
  const moved = (now[0] + now[1]) / 2
  return panned(closer, about - secondsAt(closer, moved), whole)
}

/** The same view where a span is in it already, else moved, and drawn back where the span is longer than it. */
export function showing(view: View, span: Span, whole: Span): View {
  if (span.start >= view.start && span.end <= view.end) return view
  const length = lengthOf(view)
  if (lengthOf(span) > length * (1 - 2 * MARGIN)) {
    const wider = lengthOf(span) / (1 - 2 * MARGIN)
    return wider > length
      ? inside(whole, span.start - wider * MARGIN, wider, view.width)
      : inside(whole, span.start - length * MARGIN, length, view.width)
  }
  if (span.start < view.start || span.start > view.end - length * MARGIN) {
    return inside(whole, span.start - length * (span.start < view.start ? 0.5 : MARGIN), length, view.width)
  }
  return inside(whole, span.end - length * (1 - MARGIN), length, view.width)
}

/** While playing: the next screenful once the playhead leaves this one. */
export function following(view: View, at: number, whole: Span): View {
  if (at >= view.start && at <= view.end) return view
  const length = lengthOf(view)
  const start = at > view.end && at < view.end + length ? at - length * 0.05 : at - length * 0.3
  return inside(whole, start, length, view.width)
}

/** The view as long as a span asks for, with a margin. */
export function fitted(span: Span, whole: Span, width: number): View {
  const length = Math.max(lengthOf(span), CLOSEST_S) / (1 - 2 * MARGIN)
  return inside(whole, (span.start + span.end - length) / 2, length, width)
}
