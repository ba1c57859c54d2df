import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { asked, client, isShare, type Schemas } from '@/api/client'
import { useRefresh } from '../judging'

const MOST = 200

/** Every analysis of a video, the newest first. Whoever has a share link sees the one it is for. */
export function analysesOf(videoId: string) {
  return queryOptions({
    queryKey: ['analyses', videoId],
    queryFn: async () =>
      (await asked(client.GET('/api/v1/analyses', { params: { query: { video_id: videoId, limit: MOST } } }))).items,
    enabled: !isShare(),
  })
}

export function sharesOf(analysisId: string) {
  return queryOptions({
    queryKey: ['shares', analysisId],
    queryFn: async () =>
      (
        await asked(
          client.GET('/api/v1/analyses/{analysis_id}/shares', { params: { path: { analysis_id: analysisId } } }),
        )
      ).items,
  })
}

export const policies = queryOptions({
  queryKey: ['policies'],
  queryFn: async () => (await asked(client.GET('/api/v1/policies'))).items,
  staleTime: 60_000,
})

export function consentsOf(workspaceId: string) {
  return queryOptions({
    queryKey: ['consents', workspaceId, 'all'],
    queryFn: async () =>
      (await asked(client.GET('/api/v1/consents', { params: { query: { workspace_id: workspaceId, limit: MOST } } })))
        .items,
  })
}

/** The address names what is looked at, so that it can be kept and sent. */
export function useLook() {
  const navigate = useNavigate()
  return (to: { analysis?: string; beside?: string; t?: number }) =>
    void navigate({ to: '.', search: (now: Record<string, unknown>) => ({ ...now, ...to }) as never })
}

export function useCreate() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (body: Schemas['CreateAnalysis']) => asked(client.POST('/api/v1/analyses', { body })),
    onSuccess: refresh,
  })
}

export function useStop(analysisId: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: () =>
      asked(client.POST('/api/v1/analyses/{analysis_id}/cancel', { params: { path: { analysis_id: analysisId } } })),
    onSuccess: refresh,
  })
}

export function useRetry() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (jobId: string) =>
      asked(client.POST('/api/v1/jobs/{job_id}/retry', { params: { path: { job_id: jobId } } })),
    onSuccess: refresh,
  })
}

/** Deletes an analysis; `leave` stops looking at it. */
export function useRemove(analysisId: string, leave: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () =>
      asked(client.DELETE('/api/v1/analyses/{analysis_id}', { params: { path: { analysis_id: analysisId } } })),
    onSuccess: async () => {
      leave()
      // It is forgotten last: until the video names another as its newest, this one is still what is shown.
      await Promise.all(['analyses', 'video', 'videos'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
      queries.removeQueries({ queryKey: ['analysis', analysisId] })
    },
  })
}
