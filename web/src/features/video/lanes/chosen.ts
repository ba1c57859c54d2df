import type { LaneId } from './groups'

/** Lanes somebody chose, by desk; kept in the browser. */
const KEPT = 'sightline.lanes.'
const MOST = 60

export interface Keep {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export function keptLanes(desk: string, keep: Keep): readonly LaneId[] | null {
  try {
    const found: unknown = JSON.parse(keep.getItem(KEPT + desk) ?? 'null')
    if (!Array.isArray(found)) return null
    return [...new Set(found.filter((lane): lane is LaneId => typeof lane === 'string'))].slice(0, MOST)
  } catch {
    return null
  }
}

/** `null`: those of the desk again. */
export function keepLanes(desk: string, lanes: readonly LaneId[] | null, keep: Keep): void {
  try {
    if (lanes) keep.setItem(KEPT + desk, JSON.stringify(lanes))
    else keep.removeItem(KEPT + desk)
  } catch {
    // A browser that keeps nothing shows the lanes of the desk next time.
  }
}

/** A lane moved before the one that has the place now; the rest keep their order. */
export function moved(lanes: readonly LaneId[], lane: LaneId, to: number): readonly LaneId[] {
  const rest = lanes.filter((one) => one !== lane)
  const at = Math.min(Math.max(0, to), rest.length)
  return [...rest.slice(0, at), lane, ...rest.slice(at)]
}
