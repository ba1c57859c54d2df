import { type Seconds, seconds } from '@/state/seconds'
import { perSecond, type Rate, rateOf } from './timecode'

/** Browsers and the API round times to a microsecond. */
const ROUNDING_S = 5e-6
/** Containers that count in milliseconds. */
const COARSE_S = 0.0012

/** Stretches of pictures whose times are known one by one; `first` is the number of the first. */
export interface Stretch {
  readonly first: number
  readonly times: Float64Array
}

/**
 * When each picture starts, on the media's clock.
 *
 * Even pictures follow from a rate. Uneven ones are known at a few places of the whole media and, where somebody looked,
 * one by one; between known places the number of a picture is an estimate until its stretch has been added.
 */
export class Pictures {
  readonly #stretches: readonly Stretch[]

  constructor(
    readonly first: Seconds,
    /** Of even pictures exact, of uneven ones the mean. */
    readonly rate: Rate,
    readonly count: number | null,
    /** Numbers and times of some pictures, in order; empty for even pictures. */
    readonly known: { readonly numbers: Float64Array; readonly times: Float64Array } | null = null,
    /** How far a told time may lie before its picture and still mean it. */
    readonly rounding = ROUNDING_S,
    stretches: readonly Stretch[] = [],
  ) {
    this.#stretches = stretches
  }

  get isEven(): boolean {
    return this.known === null
  }

  /** With a stretch more. */
  with(stretch: Stretch): Pictures {
    return new Pictures(this.first, this.rate, this.count, this.known, this.rounding, [...this.#stretches, stretch])
  }

  /** The number of the picture on screen at a moment; the last one stays. */
  at(moment: number): number {
    const found = this.#numberAt(moment + Math.min(this.rounding, 0.25 / perSecond(this.rate)))
    const last = this.count === null ? Number.POSITIVE_INFINITY : this.count - 1
    return Math.min(Math.max(0, found), Math.max(0, last))
  }

  startOf(number: number): Seconds {
    if (!this.known) return seconds(this.first + (number * this.rate.per) / this.rate.count)
    for (const { first, times } of this.#stretches) {
      const found = times[number - first]
      if (found !== undefined) return seconds(found)
    }
    return seconds(interpolated(this.known.numbers, this.known.times, number) ?? this.#evenly(number))
  }

  /** When the last picture ends; null where nobody knows how many there are. */
  get end(): Seconds | null {
    if (this.count === null) return null
    const last = this.startOf(this.count - 1)
    return seconds(last + this.rate.per / this.rate.count)
  }

  /** Where to send a player for this picture: inside it, away from both neighbours. */
  middleOf(number: number): Seconds {
    const start = this.startOf(number)
    const end = this.startOf(number + 1)
    const most = 0.5 / perSecond(this.rate)
    return seconds(start + (end > start ? Math.min((end - start) / 2, most) : most))
  }

  /** Whether the pictures around a moment are known one by one. */
  isExactAt(moment: number): boolean {
    return this.known === null || this.#stretchAt(moment) !== null
  }

  #evenly(number: number): number {
    return this.first + (number * this.rate.per) / this.rate.count
  }

  #numberAt(moment: number): number {
    if (!this.known) return Math.floor(((moment - this.first) * this.rate.count) / this.rate.per)
    const stretch = this.#stretchAt(moment)
    if (stretch) return stretch.first + lastAtOrBefore(stretch.times, moment)
    const found = interpolated(this.known.times, this.known.numbers, moment)
    return Math.floor(found ?? ((moment - this.first) * this.rate.count) / this.rate.per)
  }

  /** The first picture was there before it began and the last one stays, so that the outer stretches have no end. */
  #stretchAt(moment: number): Stretch | null {
    const holds = ({ first, times }: Stretch) =>
      times.length > 1 &&
      (first === 0 || moment >= (times[0] as number)) &&
      (first + times.length === this.count || moment < (times.at(-1) as number))
    return this.#stretches.find(holds) ?? null
  }
}

/** The place of the last value that is not above `wanted`; -1 where all are. Values ascend. */
export function lastAtOrBefore(values: ArrayLike<number>, wanted: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

function interpolated(from: Float64Array, to: Float64Array, at: number): number | null {
  const place = lastAtOrBefore(from, at)
  const [x0, x1, y0, y1] = [from[place], from[place + 1], to[place], to[place + 1]]
  if (x0 === undefined || y0 === undefined) return null
  if (x1 === undefined || y1 === undefined) return null
  return y0 + ((at - x0) / (x1 - x0)) * (y1 - y0)
}

/** Of pictures that were never measured: evenly from the start. */
export function evenPictures(rate: Rate, duration: number | null): Pictures {
  const count = duration === null ? null : Math.max(1, Math.round(duration * perSecond(rate)))
  return new Pictures(seconds(0), rate, count, null, COARSE_S)
}

/**
 * From the times of the first picture of so many equal bins of `count` pictures, as a curve of the picture clock has
 * them: bin i begins with picture floor(i·count/bins).
 *
 * They are even where every known time lies where the rate puts it, or where their own mean rate does.
 */
export function measuredPictures(times: Float64Array, count: number, told: Rate | null): Pictures | null {
  const bins = times.length
  const first = times[0]
  if (first === undefined) return null
  const numbers = Float64Array.from({ length: bins }, (_, i) => (count <= bins ? i : Math.floor((i * count) / bins)))
  const mean = rateOf(((numbers.at(-1) ?? 0) || 1) / ((times.at(-1) ?? 0) - first || 1)) ?? { count: 25, per: 1 }
  for (const rate of told ? [told, mean] : [mean]) {
    const away = furthest(times, numbers, first, rate)
    const allowed = Math.min(COARSE_S, 0.1 / perSecond(rate))
    if (away <= allowed) return new Pictures(seconds(first), rate, count, null, Math.max(ROUNDING_S, away * 1.01))
  }
  const pictures = new Pictures(seconds(first), mean, count, { numbers, times })
  return count <= bins ? pictures.with({ first: 0, times }) : pictures
}

function furthest(times: Float64Array, numbers: Float64Array, first: number, rate: Rate): number {
  let found = 0
  for (let i = 0; i < times.length; i++) {
    const even = first + ((numbers[i] as number) * rate.per) / rate.count
    found = Math.max(found, Math.abs(even - (times[i] as number)))
  }
  return found
}
