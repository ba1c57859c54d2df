import type { Schemas } from '@/api/client'
import type { Span } from '@/state/seconds'
import { lastAtOrBefore } from '../player/pictures'

type EventView = Schemas['EventView']
export type Severity = 'info' | 'warning' | 'error'
const GRAVE: Readonly<Record<string, number>> = { info: 0, warning: 1, error: 2 }
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error']

/** Transitions are drawn with the shots. */
export const OF_SHOTS: ReadonlySet<string> = new Set(['shot', 'cut', 'dissolve', 'fade', 'wipe'])

/** Events of one kind in order of time, as columns. */
export interface Row {
  readonly kind: string
  readonly starts: Float64Array
  readonly ends: Float64Array
  /** The greatest end so far: an event before the view may still last into it. */
  readonly reaches: Float64Array
  readonly severities: Uint8Array
  /** Place of each in the list of all events. */
  readonly places: Int32Array
  /** The gravest of all. */
  readonly worst: number
}

export function gravity(severity: string): number {
  return GRAVE[severity] ?? 0
}

/** The gravest kinds first, then those that are there first. */
export function rowsOf(events: readonly EventView[]): readonly Row[] {
  const byKind = new Map<string, number[]>()
  events.forEach((event, place) => {
    const known = byKind.get(event.kind)
    if (known) known.push(place)
    else byKind.set(event.kind, [place])
  })
  const rows = [...byKind].map(([kind, places]) => rowOf(kind, places, events))
  return rows.sort(
    (a, b) => b.worst - a.worst || (a.starts[0] ?? 0) - (b.starts[0] ?? 0) || a.kind.localeCompare(b.kind),
  )
}

function rowOf(kind: string, places: readonly number[], events: readonly EventView[]): Row {
  const ordered = [...places].sort((a, b) => (events[a] as EventView).start_s - (events[b] as EventView).start_s)
  const at = (place: number) => events[place] as EventView
  const ends = Float64Array.from(ordered, (place) => at(place).end_s)
  const reaches = ends.slice()
  for (let i = 1; i < reaches.length; i++) reaches[i] = Math.max(reaches[i] as number, reaches[i - 1] as number)
  const severities = Uint8Array.from(ordered, (place) => gravity(at(place).severity))
  return {
    kind,
    starts: Float64Array.from(ordered, (place) => at(place).start_s),
    ends,
    reaches,
    severities,
    places: Int32Array.from(ordered),
    worst: severities.reduce((worst, one) => Math.max(worst, one), 0),
  }
}

/** The events of a row that touch a span: from the first place up to, but not including, the second. */
export function placesIn(row: Row, span: Span): readonly [number, number] {
  const last = lastAtOrBefore(row.starts, span.end) + 1
  const first = lastAtOrBefore(row.reaches, span.start) + 1
  // A moment without length that lies at the start of the span ends there, and is seen.
  let from = first
  while (from > 0 && (row.starts[from - 1] as number) >= span.start) from--
  return [from, last]
}

/**
 * The event of a row under a moment: of those that are there the shortest, else the nearest within `reach` seconds.
 * Gives its place in the list of all events; null where there is none.
 */
export function hit(row: Row, at: number, reach: number): number | null {
  const near = { start: at - reach, end: at + reach } as Span
  const [first, last] = placesIn(row, near)
  let found: number | null = null
  let best = Number.POSITIVE_INFINITY
  for (let i = first; i < last; i++) {
    const [start, end] = [row.starts[i] as number, row.ends[i] as number]
    const away = at < start ? start - at : at >= end ? at - end : 0
    if (away > reach) continue
    // Away counts far more than length: what lies under the pointer wins over its neighbours.
    const cost = away * 1e6 + (end - start)
    if (cost < best) [best, found] = [cost, row.places[i] as number]
  }
  return found
}
