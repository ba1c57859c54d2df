/** Small pictures of a video in one sheet, from left to right and downwards, with the moment of each. */
export interface Sprite {
  readonly tile_width: number
  readonly tile_height: number
  readonly columns: number
  readonly rows: number
  readonly times_s: readonly number[]
}

/** Which picture a pointer shows: the width of the thumbnail is the length of the video. */
export function tileAt(x: number, width: number, sprite: Sprite): number {
  const count = sprite.times_s.length
  if (count === 0 || !(width > 0)) return 0
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)))
}

/** The next picture for a key; null for a key that moves nothing. */
export function tileAfter(tile: number, key: string, sprite: Sprite): number | null {
  const last = Math.max(0, sprite.times_s.length - 1)
  const far = Math.max(1, Math.round(last / 10))
  const steps: Record<string, number> = {
    ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: far, PageDown: -far, Home: -last, End: last,
  } // biome-ignore format: one table
  const by = steps[key]
  return by === undefined ? null : Math.min(last, Math.max(0, tile + by))
}

export interface Background {
  readonly backgroundSize: string
  readonly backgroundPosition: string
}

/** How a sheet has to lie behind a box of any size so that one picture of it fills the box. */
export function backgroundOf(tile: number, sprite: Sprite): Background {
  const column = tile % sprite.columns
  const row = Math.floor(tile / sprite.columns)
  const share = (index: number, count: number) => (count > 1 ? (index / (count - 1)) * 100 : 0)
  return {
    backgroundSize: `${sprite.columns * 100}% ${sprite.rows * 100}%`,
    backgroundPosition: `${share(column, sprite.columns)}% ${share(row, sprite.rows)}%`,
  }
}
