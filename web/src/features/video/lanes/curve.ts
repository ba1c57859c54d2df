import type { Schemas } from '@/api/client'
import { lastAtOrBefore } from '../player/pictures'

/** Least and greatest value of neighbouring rows of a signal. NaN where nothing was measured. */
export interface Curve {
  readonly times: Float64Array
  readonly low: Float32Array
  readonly high: Float32Array
  /** Every row stands there by itself: looking closer shows nothing new. */
  readonly isExact: boolean
  /** Usual distance of two points. What is much further apart is not joined. */
  readonly pace: number
}

/** A stretch without rows as long as so many usual ones, and as so many seconds, was not measured. */
const GAP_PACES = 5
const GAP_S = 0.5

export function curveFrom(view: Schemas['CurveView'], points: number): Curve {
  const { time_s, min, max } = view
  const times = new Float64Array(time_s.length)
  for (let i = 0; i < times.length; i++) times[i] = time_s[i] ?? (times[i - 1] as number)
  return { times, low: floats(min), high: floats(max), isExact: view.rows <= points, pace: paceOf(times) }
}

function floats(values: readonly (number | null)[]): Float32Array {
  const found = new Float32Array(values.length)
  for (let i = 0; i < found.length; i++) found[i] = values[i] ?? Number.NaN
  return found
}

/** The middle one of a sample of the distances. */
function paceOf(times: Float64Array): number {
  const steps: number[] = []
  const stride = Math.max(1, Math.floor(times.length / 200))
  for (let i = 1; i < times.length; i += stride) {
    const step = (times[i] as number) - (times[i - 1] as number)
    if (step > 0) steps.push(step)
  }
  steps.sort((a, b) => a - b)
  return steps[steps.length >> 1] ?? 1
}

/** Where the row that begins at a place ends. */
function endOf(curve: Curve, place: number): number {
  const start = curve.times[place] as number
  const next = curve.times[place + 1]
  if (next === undefined) return start + curve.pace
  return next - start > Math.max(GAP_S, GAP_PACES * curve.pace) ? start + curve.pace : next
}

export interface Values {
  readonly low: number
  readonly high: number
}

/** What was measured at a moment; null where nothing was. */
export function valueAt(curve: Curve, at: number): Values | null {
  const place = lastAtOrBefore(curve.times, at)
  if (place < 0 || at >= endOf(curve, place)) return null
  const low = curve.low[place] as number
  return Number.isNaN(low) ? null : { low, high: curve.high[place] as number }
}

/** Least and greatest of all of it; null where nothing was measured. */
export function extremes(curve: Curve): Values | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < curve.low.length; i++) {
    if ((curve.low[i] as number) < low) low = curve.low[i] as number
    if ((curve.high[i] as number) > high) high = curve.high[i] as number
  }
  return low <= high ? { low, high } : null
}

/** Least and greatest value of each column of pixels; NaN where a column has nothing. */
export interface Columns {
  readonly low: Float32Array
  readonly high: Float32Array
}

export function columnsFor(width: number): Columns {
  return { low: new Float32Array(width).fill(Number.NaN), high: new Float32Array(width).fill(Number.NaN) }
}

/** How pixels stand to seconds: `start` is the left edge of column 0. */
export interface Scale {
  readonly start: number
  readonly perColumn: number
}

/**
 * Fills columns `[first, last)` from a curve. Values that stand by themselves are joined by straight lines where
 * `isJoined`, else they last until the next row.
 */
export function fill(into: Columns, curve: Curve, scale: Scale, first: number, last: number, isJoined: boolean): void {
  const { times, low, high } = curve
  const joins = isJoined && curve.isExact
  let place = lastAtOrBefore(times, scale.start + first * scale.perColumn)
  for (let column = first; column < last; column++) {
    const from = scale.start + column * scale.perColumn
    const to = from + scale.perColumn
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    while ((times[place + 1] as number) <= from) place++
    const isHeld = place >= 0 && from < endOf(curve, place)
    if (isHeld && !joins) {
      least = low[place] as number
      most = high[place] as number
    } else if (isHeld) {
      least = most = between(curve, place, from)
    }
    // NaN compares false with everything: rows that were not measured change nothing.
    if (Number.isNaN(least)) {
      least = Number.POSITIVE_INFINITY
      most = Number.NEGATIVE_INFINITY
    }
    let next = place + 1
    for (; (times[next] as number) < to; next++) {
      if ((low[next] as number) < least) least = low[next] as number
      if ((high[next] as number) > most) most = high[next] as number
    }
    if (joins && next > 0 && to < endOf(curve, next - 1)) {
      const edge = between(curve, next - 1, to)
      if (edge < least) least = edge
      if (edge > most) most = edge
    }
    place = next - 1
    into.low[column] = least <= most ? least : Number.NaN
    into.high[column] = least <= most ? most : Number.NaN
  }
}

/** On the straight line from a row to the next. */
function between(curve: Curve, place: number, at: number): number {
  const [t0, t1] = [curve.times[place] as number, curve.times[place + 1]]
  const [v0, v1] = [curve.low[place] as number, curve.low[place + 1] as number]
  if (t1 === undefined || t1 <= t0 || Number.isNaN(v1) || endOf(curve, place) < t1) return v0
  return v0 + ((at - t0) / (t1 - t0)) * (v1 - v0)
}
