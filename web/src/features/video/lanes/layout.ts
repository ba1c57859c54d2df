import type { Group, LaneId } from './groups'

/** A lane and where it lies. Pixels of CSS, from the top of all lanes. */
export interface Lane {
  readonly id: LaneId
  readonly kind: 'shots' | 'events' | 'words' | 'curves'
  readonly group: Group | null
  readonly top: number
  readonly height: number
}

export const EVENT_ROW_PX = 20
const PADDING_PX = 6
export const HEIGHTS = { shots: 68, words: 34, curves: 64 } as const

/** Where each lane lies, one beneath the other. `rows`: kinds of events that are shown. */
export function laidOut(
  lanes: readonly { readonly id: LaneId; readonly group: Group | null }[],
  rows: number,
): readonly Lane[] {
  let top = 0
  return lanes.map(({ id, group }) => {
    const kind = id === 'shots' || id === 'events' || id === 'words' ? id : 'curves'
    const height = kind === 'events' ? Math.max(1, rows) * EVENT_ROW_PX + 2 * PADDING_PX : HEIGHTS[kind]
    const lane = { id, kind, group, top, height } as const
    top += height
    return lane
  })
}

export function heightOfAll(lanes: readonly Lane[]): number {
  const last = lanes.at(-1)
  return last ? last.top + last.height : 0
}

export function laneAt(lanes: readonly Lane[], y: number): Lane | null {
  return lanes.find(({ top, height }) => y >= top && y < top + height) ?? null
}

/** The row of kinds under a height within the lane of events; -1 for its edges. */
export function eventRowAt(lane: Lane, y: number, rows: number): number {
  const row = Math.floor((y - lane.top - PADDING_PX) / EVENT_ROW_PX)
  return row >= 0 && row < rows ? row : -1
}

export function eventRowTop(lane: Lane, row: number): number {
  return lane.top + PADDING_PX + row * EVENT_ROW_PX
}
