import { queryOptions, skipToken } from '@tanstack/react-query'
import { asked, client, Problem, type Schemas } from '@/api/client'
import { type Curve, curveFrom } from '../lanes/curve'
import { lastAtOrBefore, measuredPictures, type Pictures, type Stretch } from '../player/pictures'
import { rateOf } from '../player/timecode'

export type EventView = Schemas['EventView']
export type Analysis = Schemas['AnalysisDetail']
export type Video = Schemas['VideoView']
export type ShotView = Schemas['ShotView']
export type ThumbsView = Schemas['ThumbsView']
export type WordView = Schemas['SaidView']

/** What was measured of an analysis never changes; it is measured anew under another of these. */
type Making = readonly [string, string | null]

export function makingOf(analysis: Pick<Analysis, 'id' | 'finished_at'>): Making {
  return [analysis.id, analysis.finished_at ?? null]
}

/** Changes are told of `analysis`; what is kept under `evidence` is not asked for again because of them. */
const kept = { staleTime: Number.POSITIVE_INFINITY, gcTime: 10 * 60_000, structuralSharing: false } as const

function of(analysis: Analysis) {
  return { params: { path: { analysis_id: analysis.id } } }
}

const MOST_EVENTS = 1000
const AT_ONCE = 4

/** Every event, in order of time. The first page says how many there are; the rest come a few at a time. */
export function eventsOf(analysis: Analysis) {
  return queryOptions({
    queryKey: ['evidence', ...makingOf(analysis), 'events', analysis.revision],
    queryFn: async ({ signal }) => {
      const page = (offset: number) =>
        asked(
          client.GET('/api/v1/analyses/{analysis_id}/events', {
            params: { path: { analysis_id: analysis.id }, query: { offset, limit: MOST_EVENTS } },
            signal,
          }),
        )
      const first = await page(0)
      const offsets = Array.from({ length: Math.ceil(first.total / MOST_EVENTS) }, (_, i) => i * MOST_EVENTS).slice(1)
      const items: EventView[] = [...first.items]
      for (let i = 0; i < offsets.length; i += AT_ONCE) {
        const pages = await Promise.all(offsets.slice(i, i + AT_ONCE).map(page))
        for (const { items: more } of pages) items.push(...more)
      }
      return items as readonly EventView[]
    },
    ...kept,
  })
}

export function signalsIn(analysis: Analysis) {
  return queryOptions({
    queryKey: ['evidence', ...makingOf(analysis), 'signals'],
    queryFn: async () => {
      const { items } = await asked(client.GET('/api/v1/analyses/{analysis_id}/signals', of(analysis)))
      return items as readonly Schemas['SignalView'][]
    },
    ...kept,
  })
}

export interface Wanted {
  readonly names: readonly string[]
  readonly start_s?: number
  readonly end_s?: number
  readonly points: number
}

/** Several signals over a span in one answer; names that were not measured are left out. */
export function curvesOf(making: Making, { names, ...wanted }: Wanted) {
  return queryOptions({
    queryKey: ['evidence', ...making, 'curves', names, wanted],
    queryFn: async (): Promise<ReadonlyMap<string, Curve>> => {
      const params = { path: { analysis_id: making[0] }, query: { name: [...names], ...wanted } }
      const { items } = await asked(client.GET('/api/v1/analyses/{analysis_id}/curves', { params }))
      return new Map(items.map((view) => [view.name, curveFrom(view, wanted.points)]))
    },
    ...kept,
    // The tiles hold what is shown; this is for a page that comes back.
    gcTime: 60_000,
  })
}

type CurveView = Schemas['CurveView']

/** One signal. The same address can answer in another format, which is never asked for here. */
function signalOf(analysis_id: string, name: string, query: Omit<Wanted, 'names'>): Promise<CurveView> {
  const params = { path: { analysis_id, name }, query }
  return asked(client.GET('/api/v1/analyses/{analysis_id}/signals/{name}', { params })) as Promise<CurveView>
}

const CLOCK = 'pictures.duration'
const CLOCK_POINTS = 2000

/** When every picture starts, as it was measured; null for sound alone. Nothing is asked before there is an analysis. */
export function picturesOf(analysis: Analysis | null, rate: number | null) {
  const found = async (id: string): Promise<Pictures | null> => {
    const view = await orNull(signalOf(id, CLOCK, { points: CLOCK_POINTS }))
    return view && measuredPictures(timesOf(view), view.rows, rateOf(rate))
  }
  return queryOptions({
    queryKey: ['evidence', ...(analysis ? makingOf(analysis) : []), 'pictures'],
    queryFn: analysis ? () => found(analysis.id) : skipToken,
    ...kept,
  })
}

/** So many pictures to either side of a moment are asked for at once. */
const AROUND = 2000
const MOST_POINTS = 20_000

/** The pictures around a moment one by one; null where that says nothing new. */
export async function stretchOf(analysisId: string, { known, count }: Pictures, at: number): Promise<Stretch | null> {
  if (!known || !count) return null
  const around = Math.ceil((AROUND * known.times.length) / count)
  const place = Math.max(0, lastAtOrBefore(known.times, at))
  const first = Math.max(0, place - around)
  const start_s = known.times[first] as number
  const end_s = known.times[place + 1 + around]
  const found = await signalOf(analysisId, CLOCK, { start_s, points: MOST_POINTS, ...(end_s ? { end_s } : {}) })
  return { first: known.numbers[first] as number, times: timesOf(found) }
}

function timesOf(view: Schemas['CurveView']): Float64Array {
  return Float64Array.from(view.time_s, (at) => at ?? 0)
}

export function shotsOf(analysis: Analysis) {
  return queryOptions({
    queryKey: ['evidence', ...makingOf(analysis), 'shots'],
    queryFn: async () => (await asked(client.GET('/api/v1/analyses/{analysis_id}/shots', of(analysis)))).items,
    ...kept,
  })
}

/** The small pictures that were kept; null where there are none. */
export function thumbsOf(analysis: Analysis) {
  return queryOptions({
    queryKey: ['evidence', ...makingOf(analysis), 'thumbs'],
    queryFn: () => orNull(asked(client.GET('/api/v1/analyses/{analysis_id}/thumbs', of(analysis)))),
    ...kept,
  })
}

export function wordsOf(analysis: Analysis) {
  return queryOptions({
    queryKey: ['evidence', ...makingOf(analysis), 'words'],
    queryFn: async () => (await asked(client.GET('/api/v1/analyses/{analysis_id}/words', of(analysis)))).items,
    ...kept,
  })
}

async function orNull<Data>(answer: Promise<Data>): Promise<Data | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null
    throw error
  }
}
