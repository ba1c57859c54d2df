import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { asked, client } from '@/api/client'

export type State = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** What a list of work shows; every view is one or more of these. */
export interface Asked {
  readonly workspaceId: string | undefined
  readonly states: readonly State[]
  readonly kind: string | undefined
}

const PAGE = 50
const MOST = 200

function listed({ workspaceId, states, kind }: Asked, cursor: string | null, limit: number) {
  return asked(
    client.GET('/api/v1/jobs', {
      params: { query: { workspace_id: workspaceId, state: [...states], kind, cursor, limit } },
    }),
  )
}

export function jobsOf(what: Asked, limit = PAGE) {
  return infiniteQueryOptions({
    queryKey: ['jobs', 'list', what.workspaceId, what.states.join(), what.kind, limit],
    queryFn: ({ pageParam }) => listed(what, pageParam, limit),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // Nothing is told of what only changes with time (a lease that ran out): asked for now and then as well.
    refetchInterval: 60_000,
  })
}

/** The newest of all states, for telling what was asked for together. */
export function recentJobs(workspaceId: string | undefined) {
  return queryOptions({
    queryKey: ['jobs', 'recent', workspaceId],
    queryFn: () => listed({ workspaceId, states: [], kind: 'analysis' }, null, MOST),
  })
}

/** Every job of some states, page after page. */
export async function allOf(what: Asked): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof listed>> = await listed(what, cursor, MOST)
    found.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor ?? null
  } while (cursor)
  return found
}

/** One's own uploads that are still coming in, with how much of each is here. */
export function arrivingUploads(workspaceId: string | undefined) {
  return queryOptions({
    queryKey: ['uploads', 'arriving', workspaceId],
    queryFn: async () => {
      const { items } = await asked(
        client.GET('/api/v1/uploads', { params: { query: { workspace_id: workspaceId, limit: MOST } } }),
      )
      const arriving = items.filter(({ state, source }) => state === 'arriving' && source === 'upload')
      return Promise.all(arriving.slice(0, 20).map(async (upload) => ({ ...upload, here: await here(upload.id) })))
    },
    refetchInterval: 10_000,
  })
}

async function here(upload_id: string): Promise<number | null> {
  const { response } = await client.HEAD('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })
  const offset = response.headers.get('Upload-Offset')
  return offset === null ? null : Number(offset)
}
