import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { asked, client } from '@/api/client'
import { useWorkspace } from '@/state/session'
import type { Desk } from './types'

const RUBRIC = 'default'
const MOST_COUNTED = 200

export function useWorkspaceId(): string | undefined {
  return useWorkspace()?.id
}

export function useTemplates() {
  const workspace_id = useWorkspaceId()
  return useQuery({
    queryKey: ['templates', workspace_id],
    queryFn: () => asked(client.GET('/api/v1/templates', { params: { query: { workspace_id } } })),
  })
}

export function templateQuery(desk: Desk, name: string, workspace_id: string | undefined) {
  return queryOptions({
    queryKey: ['template', workspace_id, desk, name],
    queryFn: () =>
      asked(client.GET('/api/v1/templates/{name}', { params: { path: { name }, query: { desk, workspace_id } } })),
  })
}

export function useTemplate(desk: Desk, name: string) {
  return useQuery(templateQuery(desk, name, useWorkspaceId()))
}

/** What a threshold is where a text does not set it: of the template it builds on, or of the default rubric. */
export function useBase(desk: Desk, extended: string | null) {
  const name = desk === 'qc' ? extended : RUBRIC
  const query = templateQuery(desk, name ?? '', useWorkspaceId())
  return useQuery({ ...query, enabled: name !== null }).data?.resolved ?? null
}

/** Whether a text can be used, asked a moment after the last stroke. The last answer stays until the next is there. */
export function useChecked(desk: Desk, name: string, source: string) {
  const workspace_id = useWorkspaceId()
  return useQuery({
    queryKey: ['check', workspace_id, desk, name, source],
    queryFn: () => asked(client.POST('/api/v1/templates/check', { body: { desk, name, source, workspace_id } })),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
}

/** How many of the latest analyses were judged by it. */
export function useUses(desk: Desk, name: string) {
  const workspace_id = useWorkspaceId()
  const { data } = useQuery({
    queryKey: ['analyses', 'latest', workspace_id, desk],
    queryFn: () =>
      asked(client.GET('/api/v1/analyses', { params: { query: { workspace_id, desk, limit: MOST_COUNTED } } })),
  })
  if (!data) return null
  return {
    count: data.items.filter((one) => one.template === name).length,
    of: data.items.length,
    isAll: !data.next_cursor,
  }
}

export interface Saved {
  readonly desk: Desk
  readonly name: string
  readonly source: string
  /** When the version was kept that it is to replace; null: it is a new one. */
  readonly seen: string | null
}

export function useSave() {
  const queries = useQueryClient()
  const workspace_id = useWorkspaceId()
  return useMutation({
    mutationFn: ({ desk, name, source, seen }: Saved) =>
      asked(
        client.PUT('/api/v1/templates/{name}', {
          params: { path: { name }, query: { desk, workspace_id } },
          body: { source, seen, is_new: seen === null },
        }),
      ),
    onSuccess: (row, { desk, name }) =>
      queries.setQueryData(templateQuery(desk, name, workspace_id).queryKey, (before) =>
        before ? { ...before, source: row.source ?? before.source, updated_at: row.updated_at } : before,
      ),
    onSettled: () => touched(queries),
  })
}

export function useRemove() {
  const queries = useQueryClient()
  const workspace_id = useWorkspaceId()
  return useMutation({
    mutationFn: ({ desk, name }: { desk: Desk; name: string }) =>
      asked(client.DELETE('/api/v1/templates/{name}', { params: { path: { name }, query: { desk, workspace_id } } })),
    // Not the removed one itself: it is still on the screen for a moment.
    onSuccess: () => queries.invalidateQueries({ queryKey: ['templates'] }),
  })
}

function touched(queries: ReturnType<typeof useQueryClient>) {
  return Promise.all([
    queries.invalidateQueries({ queryKey: ['templates'] }),
    queries.invalidateQueries({ queryKey: ['template'] }),
  ])
}
