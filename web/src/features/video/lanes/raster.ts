import type { Columns } from './curve'

/** A colour as a canvas holds it in memory (red in the lowest byte). */
export type Packed = number & { readonly __kind: 'packed colour' }

export function packed(red: number, green: number, blue: number): Packed {
  return ((0xff << 24) | (blue << 16) | (green << 8) | red | 0) as Packed
}

/** `over` laid on `under` with a strength of 0 to 256. */
export function blended(under: number, over: number, strength: number): number {
  const rest = 256 - strength
  const redBlue = ((under & 0xff00ff) * rest + (over & 0xff00ff) * strength) >>> 8
  const green = ((under & 0x00ff00) * rest + (over & 0x00ff00) * strength) >>> 8
  return 0xff000000 | (redBlue & 0xff00ff) | (green & 0x00ff00)
}

/**
 * Pixels of opaque colour that are written straight into memory: without a graphics processor that is many times
 * faster than paths of a canvas, and as fast for a thousand values as for ten.
 */
export class Raster {
  readonly image: ImageData
  readonly #pixels: Int32Array

  constructor(
    readonly width: number,
    readonly height: number,
    make: (width: number, height: number) => ImageData = (w, h) => new ImageData(w, h),
  ) {
    this.image = make(width, height)
    this.#pixels = new Int32Array(this.image.data.buffer)
  }

  pixel(x: number, y: number): number {
    return this.#pixels[y * this.width + x] as number
  }

  clear(color: Packed): void {
    this.#pixels.fill(color)
  }

  /** `[x0, x1)` by `[y0, y1)`, cut where it leaves the picture. `strength`: 256 covers. */
  rect(x0: number, y0: number, x1: number, y1: number, color: Packed, strength = 256): void {
    const [left, right] = [Math.max(0, Math.round(x0)), Math.min(this.width, Math.round(x1))]
    const [top, bottom] = [Math.max(0, Math.round(y0)), Math.min(this.height, Math.round(y1))]
    if (right <= left) return
    for (let y = top; y < bottom; y++) {
      const row = y * this.width
      if (strength >= 256) this.#pixels.fill(color, row + left, row + right)
      else for (let at = row + left; at < row + right; at++) this.#blend(at, color, strength)
    }
  }

  #blend(at: number, color: number, strength: number): void {
    this.#pixels[at] = blended(this.#pixels[at] as number, color, strength)
  }

  /** A column from `top` to `bottom`, fractions of pixels as fainter ones; cut to `[from, to)`. */
  column(x: number, top: number, bottom: number, from: number, to: number, color: number, strength: number): void {
    const [high, low] = [Math.max(top, from), Math.min(bottom, to)]
    if (low <= high) return
    const first = Math.floor(high)
    const last = Math.ceil(low) - 1
    let at = first * this.width + x
    if (first === last) {
      this.#blend(at, color, ((low - high) * strength) | 0)
      return
    }
    this.#blend(at, color, ((first + 1 - high) * strength) | 0)
    at += this.width
    for (let y = first + 1; y < last; y++, at += this.width) {
      if (strength >= 256) this.#pixels[at] = color
      else this.#blend(at, color, strength)
    }
    this.#blend(at, color, ((low - last) * strength) | 0)
  }
}

/** Where values stand in a lane: `low` at its foot, `high` at its top, in pixels of the raster. */
export interface Frame {
  readonly top: number
  readonly bottom: number
  readonly low: number
  readonly high: number
  /** Rows of the raster that may be written to. */
  readonly clip: readonly [number, number]
}

export function heightOf(frame: Frame, value: number): number {
  const share = (value - frame.low) / (frame.high - frame.low)
  return frame.bottom - Math.min(1, Math.max(0, share)) * (frame.bottom - frame.top)
}

/** The band between least and greatest as a line of at least `thickness`, without breaks between neighbours. */
export function drawLine(raster: Raster, columns: Columns, frame: Frame, color: number, thickness: number): void {
  const [from, to] = frame.clip
  let beforeTop = Number.NaN
  let beforeBottom = Number.NaN
  for (let x = 0; x < columns.low.length; x++) {
    const low = columns.low[x] as number
    if (Number.isNaN(low)) {
      beforeTop = Number.NaN
      continue
    }
    let top = heightOf(frame, columns.high[x] as number)
    let bottom = heightOf(frame, low)
    const [plainTop, plainBottom] = [top, bottom]
    if (!Number.isNaN(beforeTop)) {
      if (beforeBottom < top) top = beforeBottom
      if (beforeTop > bottom) bottom = beforeTop
    }
    beforeTop = plainTop
    beforeBottom = plainBottom
    const missing = thickness - (bottom - top)
    if (missing > 0) {
      top -= missing / 2
      bottom += missing / 2
    }
    raster.column(x, top, bottom, from, to, color, 256)
  }
}

/** Filled from the foot of the lane up to the greatest value. */
export function drawArea(raster: Raster, columns: Columns, frame: Frame, color: number, strength: number): void {
  const [from, to] = frame.clip
  for (let x = 0; x < columns.high.length; x++) {
    const high = columns.high[x] as number
    if (!Number.isNaN(high)) raster.column(x, heightOf(frame, high), frame.bottom, from, to, color, strength)
  }
}

/** Filled between the least of one curve and the greatest of another. */
export function drawBand(
  raster: Raster,
  under: Columns,
  over: Columns,
  frame: Frame,
  color: number,
  strength: number,
): void {
  const [from, to] = frame.clip
  for (let x = 0; x < under.low.length; x++) {
    const [low, high] = [under.low[x] as number, over.high[x] as number]
    if (Number.isNaN(low) || Number.isNaN(high)) continue
    raster.column(x, heightOf(frame, high), heightOf(frame, low), from, to, color, strength)
  }
}
