import { pixelOf, type View } from '../axis/view'
import type { ShotView } from '../data/evidence'
import { lastAtOrBefore } from '../player/pictures'

/** A picture of the film strip: which kept picture, and where it is drawn. Pixels of CSS from the left of the view. */
export interface Still {
  readonly item: number
  readonly left: number
  readonly width: number
}

/** Narrower than this a shot has no picture of its own. */
const NARROWEST_PX = 22

/**
 * Pictures for the shots in view, each of its own shot: one at its start and, where there is room, more beside it.
 * Shots too narrow for one are gathered with those after them, always the same ones at one zoom, however it is panned.
 */
export function stillsOf(
  shots: readonly ShotView[],
  times: ArrayLike<number>,
  view: View,
  tile: number,
): readonly Still[] {
  if (times.length === 0) return []
  const found: Still[] = []
  const narrowest = (NARROWEST_PX / view.width) * (view.end - view.start)
  for (const [start, end] of gathered(shots, narrowest)) {
    if (end <= view.start || start >= view.end) continue
    const [left, right] = [pixelOf(view, start), pixelOf(view, end)]
    const first = Math.max(0, Math.floor(-left / tile))
    const last = Math.min(Math.ceil((right - left) / tile), Math.ceil((view.width - left) / tile))
    for (let n = first; n < last; n++) {
      const at = left + n * tile
      const from = start + ((n * tile) / (right - left)) * (end - start)
      const to = Math.min(end, start + (((n + 1) * tile) / (right - left)) * (end - start))
      found.push({ item: bestItem(times, from, to, start, end), left: at, width: Math.min(tile, right - at) })
    }
  }
  return found
}

function* gathered(shots: readonly ShotView[], narrowest: number): Generator<readonly [number, number]> {
  let open: [number, number] | null = null
  for (const { start_s, end_s } of shots) {
    if (open) open[1] = end_s
    else open = [start_s, end_s]
    if (open[1] - open[0] >= narrowest) {
      yield open
      open = null
    }
  }
  if (open) yield open
}

/** The picture taken in a slot, else the one before it in the same shot, else the nearest. */
function bestItem(times: ArrayLike<number>, from: number, to: number, start: number, end: number): number {
  const within = lastAtOrBefore(times, to - 1e-6)
  if (within >= 0 && (times[within] as number) >= Math.min(from, end) && (times[within] as number) >= start - 1e-3) {
    const first = lastAtOrBefore(times, from - 1e-6) + 1
    return first <= within ? first : within
  }
  if (within >= 0 && (times[within] as number) >= start - 1e-3) return within
  const next = within + 1
  return next < times.length && (within < 0 || (times[next] as number) < end) ? next : Math.max(0, within)
}
