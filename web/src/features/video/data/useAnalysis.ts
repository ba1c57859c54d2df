import { useQuery } from '@tanstack/react-query'
import { asked, client } from '@/api/client'

/** An analysis with its judgement; nothing is asked without an id. */
export function useAnalysis(id: string | undefined) {
  return useQuery({
    queryKey: ['analysis', id],
    queryFn: () =>
      asked(client.GET('/api/v1/analyses/{analysis_id}', { params: { path: { analysis_id: id as string } } })),
    enabled: id !== undefined,
  })
}
