import { useMutation, useQueryClient } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'
import type { Judgement, Waiver } from '@/api/judgement'

export interface Judged {
  readonly analysis: Schemas['AnalysisView']
  readonly judgement: Judgement
}

export interface Asked {
  readonly template?: string
  readonly template_source?: string
  readonly waivers?: readonly Waiver[]
}

/** Judges the measurements again; nothing is decoded. */
export async function judged(analysisId: string, body: Asked, keep: boolean): Promise<Judged> {
  const { waivers, ...rest } = body
  const answer = await asked(
    client.POST('/api/v1/analyses/{analysis_id}/judgement', {
      params: { path: { analysis_id: analysisId } },
      body: { ...rest, ...(waivers && { waivers: [...waivers] }), keep },
    }),
  )
  return answer as unknown as Judged
}

/** Everything that shows an analysis is asked for anew. */
export function useRefresh(): () => Promise<unknown> {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      ['analysis', 'analyses', 'video', 'videos'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    )
}

/** Judges again and keeps it. */
export function useJudge(analysisId: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (body: Asked) => judged(analysisId, body, true),
    onSuccess: refresh,
  })
}
