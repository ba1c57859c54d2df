import { type Span, seconds } from '@/state/seconds'
import { lengthOf, type View } from '../axis/view'
import type { Curve } from './curve'

/** Points of one piece of a curve. */
export const POINTS = 2000
/** The closest level: the 8192nd part of a day is ten seconds. */
const DEEPEST = 13

/** A part of the media at a closeness: level 0 is all of it, each level halves the last. */
export interface Tile {
  readonly level: number
  readonly index: number
}

/** The least close level that has a point for each pixel, or nearly. */
export function levelFor(view: View, whole: Span, pixels: number): number {
  const wanted = (lengthOf(whole) / lengthOf(view)) * (pixels / POINTS)
  return Math.min(DEEPEST, Math.max(0, Math.ceil(Math.log2(wanted) - 0.25)))
}

export function spanOf(tile: Tile, whole: Span): Span {
  const length = lengthOf(whole) / 2 ** tile.level
  const start = whole.start + tile.index * length
  return { start: seconds(start), end: seconds(start + length) }
}

/** The tiles of a level that a view touches. */
export function tilesOf(view: Span, level: number, whole: Span): readonly Tile[] {
  const count = 2 ** level
  const length = lengthOf(whole) / count
  const first = Math.max(0, Math.floor((view.start - whole.start) / length + 1e-9))
  const last = Math.min(count - 1, Math.ceil((view.end - whole.start) / length - 1e-9) - 1)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ level, index: first + i }))
}

export function parentOf(tile: Tile): Tile | null {
  return tile.level === 0 ? null : { level: tile.level - 1, index: tile.index >> 1 }
}

/** A piece to draw: a curve and the span it is good for. */
export interface Piece {
  readonly curve: Curve
  readonly span: Span
}

/** The curves of an analysis at whatever closeness they have come so far. */
export class Tiles {
  readonly #curves = new Map<string, Map<string, Curve>>()
  readonly #order: string[][] = []

  constructor(
    readonly whole: Span,
    /** Of pieces closer than the overview, the oldest are forgotten. */
    readonly most = 400,
  ) {}

  put(name: string, tile: Tile, curve: Curve): void {
    const known = this.#curves.get(name) ?? new Map<string, Curve>()
    this.#curves.set(name, known)
    const key = keyOf(tile)
    if (!known.has(key) && tile.level > 0) this.#order.push([name, key])
    known.set(key, curve)
    if (this.#order.length > this.most) {
      const [oldName, oldKey] = this.#order.shift() as [string, string]
      this.#curves.get(oldName)?.delete(oldKey)
    }
  }

  get(name: string, tile: Tile): Curve | undefined {
    return this.#curves.get(name)?.get(keyOf(tile))
  }

  /** The closest there is of a tile, itself or of what it is a part of. */
  best(name: string, tile: Tile): Curve | undefined {
    for (let at: Tile | null = tile; at; at = parentOf(at)) {
      const found = this.get(name, at)
      if (found) return found
    }
    return undefined
  }

  /** What to draw of a signal, from left to right. */
  pieces(name: string, view: Span, level: number): readonly Piece[] {
    const found: Piece[] = []
    for (const tile of tilesOf(view, level, this.whole)) {
      const curve = this.best(name, tile)
      if (!curve) continue
      const span = spanOf(tile, this.whole)
      const before = found.at(-1)
      if (before && before.curve === curve)
        found[found.length - 1] = { curve, span: { start: before.span.start, end: span.end } }
      else found.push({ curve, span })
    }
    return found
  }

  /** Whether asking for a tile would show more than is known. */
  isMissing(name: string, tile: Tile): boolean {
    const found = this.best(name, tile)
    return !found || (!found.isExact && found !== this.get(name, tile))
  }
}

function keyOf(tile: Tile): string {
  return `${tile.level}/${tile.index}`
}
