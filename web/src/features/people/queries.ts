import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'
import { useWorkspace } from '@/state/session'

export type Consent = Schemas['ConsentView']
export type Receipt = Schemas['ReceiptView']
export type Listed = Schemas['ListedView']
export type ReviewState = Schemas['ReviewState']
export type Video = Schemas['VideoView']

const START = null as string | null
const next = (page: { next_cursor?: string | null }) => page.next_cursor ?? null

function useWorkspaceId(): string | undefined {
  return useWorkspace()?.id
}

export function useConsents(contact: string) {
  const workspace_id = useWorkspaceId()
  return useInfiniteQuery({
    queryKey: ['consents', workspace_id, contact],
    queryFn: ({ pageParam: cursor }) =>
      asked(client.GET('/api/v1/consents', { params: { query: { workspace_id, contact: contact || null, cursor } } })),
    initialPageParam: START,
    getNextPageParam: next,
  })
}

export function useRecordConsent() {
  const queries = useQueryClient()
  const workspace_id = useWorkspaceId()
  return useMutation({
    mutationFn: (given: Omit<Schemas['RecordConsent'], 'workspace_id'>) =>
      asked(client.POST('/api/v1/consents', { body: { ...given, workspace_id } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['consents'] }),
  })
}

export function useWithdraw() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (consent_id: string) =>
      asked(client.POST('/api/v1/consents/{consent_id}/withdrawal', { params: { path: { consent_id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['consents'] }),
  })
}

export function useRemoveConsent() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (consent_id: string) =>
      asked(client.DELETE('/api/v1/consents/{consent_id}', { params: { path: { consent_id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['consents'] }),
  })
}

export function usePolicies() {
  return useQuery({
    queryKey: ['policies'],
    queryFn: () => asked(client.GET('/api/v1/policies')),
    staleTime: 300_000,
  })
}

/** `analysis` first: a review that changes is told as a change of its analysis. */
export function useReviews(state: ReviewState) {
  const workspace_id = useWorkspaceId()
  return useInfiniteQuery({
    queryKey: ['analysis', 'reviews', workspace_id, state],
    queryFn: ({ pageParam: cursor }) =>
      asked(client.GET('/api/v1/reviews', { params: { query: { workspace_id, state, cursor } } })),
    initialPageParam: START,
    getNextPageParam: next,
  })
}

export function useVideoChoice(q: string) {
  const workspace_id = useWorkspaceId()
  return useQuery({
    queryKey: ['videos', 'to delete', workspace_id, q],
    queryFn: () => asked(client.GET('/api/v1/videos', { params: { query: { workspace_id, q, limit: 30 } } })),
    placeholderData: (before) => before,
  })
}

export function useVideo(video_id: string | null) {
  return useQuery({
    queryKey: ['video', video_id],
    queryFn: () =>
      asked(client.GET('/api/v1/videos/{video_id}', { params: { path: { video_id: video_id as string } } })),
    enabled: video_id !== null,
  })
}

const MOST_ANALYSES = 200

/** How many analyses a video has, as far as one page tells. */
export function useAnalysisCount(video_id: string | null): number | null {
  const { data } = useQuery({
    queryKey: ['analyses', 'of', video_id],
    queryFn: () => asked(client.GET('/api/v1/analyses', { params: { query: { video_id, limit: MOST_ANALYSES } } })),
    enabled: video_id !== null,
  })
  return data?.items.length ?? null
}

export function useErase() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ video_id, mode }: { video_id: string; mode: 'everything' | 'media_only' }) =>
      asked(client.POST('/api/v1/videos/{video_id}/erasure', { params: { path: { video_id } }, body: { mode } })),
    onSettled: () =>
      Promise.all(
        ['receipts', 'videos', 'consents', 'jobs', 'analyses'].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  })
}

export function useReceipts() {
  const workspace_id = useWorkspaceId()
  return useInfiniteQuery({
    queryKey: ['receipts', workspace_id],
    queryFn: ({ pageParam: cursor }) =>
      asked(client.GET('/api/v1/receipts', { params: { query: { workspace_id, cursor } } })),
    initialPageParam: START,
    getNextPageParam: next,
    // Some are completed after a while, by themselves.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((one) => !one.is_complete)) ? 5000 : false,
  })
}
