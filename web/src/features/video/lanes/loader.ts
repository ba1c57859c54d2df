import type { QueryClient } from '@tanstack/react-query'
import type { View } from '../axis/view'
import { curvesOf, type makingOf } from '../data/evidence'
import type { Curve } from './curve'
import { levelFor, POINTS, spanOf, type Tile, type Tiles, tilesOf } from './tiles'

/** Names in one question; the server takes no more. */
const MOST_NAMES = 40
/** How long the view has to keep still before closer pieces are asked for. */
const STILL_MS = 120
const WHOLE: Tile = { level: 0, index: 0 }

/** Fetches what the lanes lack: the whole of a signal at once, closer pieces when the view comes to rest. */
export class Loader {
  readonly #asked = new Set<string>()
  #waiting: ReturnType<typeof setTimeout> | undefined
  #isOver = false
  /** The last that went wrong; null once something came. */
  error: unknown = null

  constructor(
    readonly tiles: Tiles,
    readonly queries: QueryClient,
    readonly making: ReturnType<typeof makingOf>,
    readonly arrived: () => void,
  ) {}

  /** `pixels`: how many columns the view is drawn in. */
  want(names: readonly string[], view: View, pixels: number): void {
    this.#ask(names, WHOLE)
    clearTimeout(this.#waiting)
    this.#waiting = setTimeout(() => {
      const level = levelFor(view, this.tiles.whole, pixels)
      if (level > 0) for (const tile of tilesOf(view, level, this.tiles.whole)) this.#ask(names, tile)
    }, STILL_MS)
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#waiting)
  }

  #ask(names: readonly string[], tile: Tile): void {
    const key = (name: string) => `${name} ${tile.level}/${tile.index}`
    const lacking = names.filter((name) => !this.#asked.has(key(name)) && this.tiles.isMissing(name, tile))
    for (let i = 0; i < lacking.length; i += MOST_NAMES) {
      const some = lacking.slice(i, i + MOST_NAMES)
      for (const name of some) this.#asked.add(key(name))
      void this.#fetch(some, tile).finally(() => {
        for (const name of some) this.#asked.delete(key(name))
      })
    }
  }

  async #fetch(names: readonly string[], tile: Tile): Promise<void> {
    const span = spanOf(tile, this.tiles.whole)
    const part = tile.level === 0 ? {} : { start_s: span.start, end_s: span.end }
    let found: ReadonlyMap<string, Curve>
    try {
      found = await this.queries.fetchQuery(curvesOf(this.making, { names, points: POINTS, ...part }))
      this.error = null
    } catch (error) {
      this.error = error
      found = new Map()
    }
    if (this.#isOver) return
    for (const [name, curve] of found) this.tiles.put(name, tile, curve)
    this.arrived()
  }
}
