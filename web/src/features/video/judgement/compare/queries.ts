import { queryOptions } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'
import type { Event } from '@/api/judgement'

type Side = Pick<Schemas['AnalysisDetail'], 'id' | 'revision'>

/** Events that only one of two analyses found. */
export function eventsApart(a: Side, b: Side) {
  return queryOptions({
    queryKey: ['analysis', a.id, 'compare', b.id, a.revision, b.revision],
    queryFn: async () => {
      const { events } = await asked(
        client.GET('/api/v1/analyses/{analysis_id}/compare', {
          params: { path: { analysis_id: a.id }, query: { with: b.id } },
        }),
      )
      return {
        only_a: events.only_a as unknown as readonly Event[],
        only_b: events.only_b as unknown as readonly Event[],
        counts: { a: events.only_a_count, b: events.only_b_count },
        both: events.both,
      }
    },
    staleTime: 60_000,
  })
}
