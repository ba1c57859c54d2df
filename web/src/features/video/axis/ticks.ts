import { lengthOf, type View } from './view'

export interface Tick {
  readonly at: number
  /** Labelled ticks are drawn longer. */
  readonly isMajor: boolean
}

/** Ticks of a view and what lies between two labelled ones, by which labels choose their decimals. */
export interface Ticks {
  readonly step: number
  readonly ticks: readonly Tick[]
}

/** Labelled every …, with so many parts. */
const STEPS: readonly (readonly [number, number])[] = [
  [1, 5], [2, 4], [5, 5], [10, 5], [15, 3], [30, 6],
  [60, 6], [120, 4], [300, 5], [600, 5], [900, 3], [1800, 6],
  [3600, 6], [7200, 4], [18_000, 5], [36_000, 5], [86_400, 6],
] // biome-ignore format: a table
const DECIMALS: readonly (readonly [number, number])[] = [
  [0.001, 5], [0.002, 4], [0.005, 5], [0.01, 5], [0.02, 4], [0.05, 5], [0.1, 5], [0.2, 4], [0.5, 5],
] // biome-ignore format: a table

/** Steps of whole pictures below a second: those that divide a second's pictures, so that full seconds are labelled. */
export function pictureSteps(rate: number): readonly (readonly [number, number])[] {
  const nominal = Math.round(rate)
  const found: (readonly [number, number])[] = []
  for (const count of [1, 2, 5, 10]) {
    if (count < nominal && nominal % count === 0) found.push([count / rate, count === 1 ? 1 : count])
  }
  return found
}

/**
 * Round times for a view, no two labels nearer than `apart` pixels. With a rate of pictures, ticks under a second stand
 * at pictures; `origin` is the first picture's time.
 */
export function ticksOf(view: View, apart: number, rate: number | null = null, origin = 0): Ticks {
  const perPixel = lengthOf(view) / view.width
  const small = rate && rate >= 2 ? pictureSteps(rate) : DECIMALS
  const [step, parts] = [...small, ...STEPS].find(([length]) => length / perPixel >= apart) ?? [86_400 * 2, 2]
  const isPictures = rate !== null && step < 1
  const from = isPictures ? origin : 0
  const part = step / parts
  const first = Math.ceil((view.start - from) / part - 1e-6)
  const last = Math.floor((view.end - from) / part + 1e-6)
  const ticks: Tick[] = []
  for (let n = first; n <= last; n++) ticks.push({ at: from + n * part, isMajor: n % parts === 0 })
  return { step, ticks }
}
