import { queryOptions } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'

/** What was said; it never changes for an analysis that is done. */
export function transcriptOf(analysis: Pick<Schemas['AnalysisDetail'], 'id' | 'finished_at'>) {
  return queryOptions({
    queryKey: ['evidence', analysis.id, analysis.finished_at, 'transcript'],
    queryFn: () =>
      asked(client.GET('/api/v1/analyses/{analysis_id}/words', { params: { path: { analysis_id: analysis.id } } })),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
}
