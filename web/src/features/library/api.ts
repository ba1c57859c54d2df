import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'
import { type Filter, queryOf } from './filter'
import { PAGE } from './pages'

export type Analysis = Schemas['AnalysisView']
export type Job = Schemas['JobView']
export type Match = Schemas['MatchView']
export type Video = Schemas['VideoView']
export type SavedSearch = Schemas['SavedSearchView']

/** A page of the videos a filter leaves. Pages are asked for by their number, so that one can jump anywhere. */
export function pageOptions(filter: Filter, workspaceId: string | null, page: number) {
  return queryOptions({
    queryKey: ['videos', 'page', workspaceId, filter, page] as const,
    queryFn: ({ signal }) =>
      asked(
        client.GET('/api/v1/videos', {
          params: { query: { ...queryOf(filter, workspaceId), skip: page * PAGE || undefined, limit: PAGE } },
          signal,
        }),
      ),
  })
}

/** The videos from one place to another, asking only for the pages that are not there. */
export async function videosBetween(
  queries: QueryClient, filter: Filter, workspaceId: string | null, first: number, last: number,
): Promise<Video[]> {
  const found: Video[] = []
  for (let page = Math.floor(first / PAGE); page * PAGE <= last; page++) {
    const { items } = await queries.ensureQueryData(pageOptions(filter, workspaceId, page))
    items.forEach((video, index) => {
      const place = page * PAGE + index
      if (place >= first && place <= last) found.push(video)
    })
    if (items.length < PAGE) break
  }
  return found
} // biome-ignore format: arguments of one kind

export function spriteOptions(videoId: string) {
  return queryOptions({
    queryKey: ['video', videoId, 'sprite'],
    queryFn: () => asked(client.GET('/api/v1/videos/{video_id}/sprite', { params: { path: { video_id: videoId } } })),
    staleTime: 300_000,
    retry: false,
  })
}

export function tagsOptions(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['tags', workspaceId],
    queryFn: () => asked(client.GET('/api/v1/tags', { params: { query: { workspace_id: workspaceId ?? undefined } } })),
  })
}

/** Jobs that run now; the list of videos says of which analysis something runs, but not which job does it. */
export function runningOptions(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['jobs', 'running', workspaceId],
    queryFn: () =>
      asked(
        client.GET('/api/v1/jobs', {
          params: {
            query: { workspace_id: workspaceId ?? undefined, state: ['running'], kind: 'analysis', limit: 100 },
          },
        }),
      ),
  })
}

export function savedOptions(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['saved-searches', workspaceId],
    queryFn: async () => {
      const query = { workspace_id: workspaceId ?? undefined }
      const { items } = await asked(client.GET('/api/v1/saved-searches', { params: { query } }))
      return items
    },
  })
}

export function saveSearch(workspaceId: string | null, name: string, query: SavedSearch['query']) {
  return asked(client.POST('/api/v1/saved-searches', { body: { workspace_id: workspaceId, name, query } }))
}

export function renameSearch(id: string, name: string) {
  return asked(
    client.PATCH('/api/v1/saved-searches/{search_id}', { params: { path: { search_id: id } }, body: { name } }),
  )
}

export function dropSearch(id: string) {
  return asked(client.DELETE('/api/v1/saved-searches/{search_id}', { params: { path: { search_id: id } } }))
}

export function templatesOptions(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['templates', workspaceId],
    queryFn: () =>
      asked(client.GET('/api/v1/templates', { params: { query: { workspace_id: workspaceId ?? undefined } } })),
  })
}

export const policies = queryOptions({
  queryKey: ['policies'],
  queryFn: () => asked(client.GET('/api/v1/policies')),
  staleTime: 300_000,
})

export function consentsOptions(workspaceId: string | null, isWanted: boolean) {
  return queryOptions({
    queryKey: ['consents', workspaceId],
    queryFn: () =>
      asked(
        client.GET('/api/v1/consents', { params: { query: { workspace_id: workspaceId ?? undefined, limit: 200 } } }),
      ),
    enabled: isWanted,
  })
}

/** Makes the sample video, or finds the one that is there. */
export function makeSample(workspaceId: string | null) {
  return asked(client.POST('/api/v1/videos/sample', { body: { workspace_id: workspaceId, analyze: true } }))
}

export function changeVideo(id: string, change: { name?: string; tags?: string[] }) {
  return asked(client.PATCH('/api/v1/videos/{video_id}', { params: { path: { video_id: id } }, body: change }))
}

export type BulkAction = Schemas['Action']

export function changeMany(ids: readonly string[], action: BulkAction, tags: readonly string[]) {
  return asked(client.POST('/api/v1/videos/bulk', { body: { video_ids: [...ids], action, tags: [...tags] } }))
}
