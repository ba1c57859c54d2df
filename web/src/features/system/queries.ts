import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'
import { joined, type Sample } from './samples'

interface QueueState {
  readonly jobs: Readonly<Record<string, number>>
  readonly oldest_due_s: number
  readonly dispatcher_age_s: number | null
}

/** The state of the installation; `queue` is null while the database cannot be reached. */
export type System = Omit<Schemas['SystemView'], 'queue'> & { queue: QueueState | null }
export type Model = Schemas['ModelView']
export type Person = Schemas['AttendanceView']

/** The machine is sampled every so often. */
export const EVERY_MS = 5000

const SAMPLES = ['system', 'samples'] as const

/** The machine over the last hour: all of it first, then only what is new since. */
export function useSamples(): { samples: readonly Sample[]; error: unknown } {
  const { data, error } = useQuery({
    queryKey: SAMPLES,
    queryFn: async ({ client: queries }) => {
      const kept = queries.getQueryData<Sample[]>(SAMPLES) ?? []
      const since = kept.at(-1)?.at
      const found = await asked(client.GET('/api/v1/system/samples', { params: { query: { since } } }))
      return joined(kept, found.items as unknown as Sample[])
    },
    refetchInterval: EVERY_MS,
    structuralSharing: false,
  })
  return { samples: data ?? [], error }
}

export const system = queryOptions({
  queryKey: ['system', 'state'],
  queryFn: async () => (await asked(client.GET('/api/v1/system'))) as System,
  refetchInterval: EVERY_MS,
})

export const alerts = queryOptions({
  queryKey: ['system', 'alerts'],
  queryFn: () => asked(client.GET('/api/v1/system/alerts')),
  refetchInterval: 3 * EVERY_MS,
})

export const stored = queryOptions({
  queryKey: ['system', 'storage'],
  queryFn: () => asked(client.GET('/api/v1/system/storage')),
  refetchInterval: 60_000,
})

/** Asked every second while one is on its way. */
export const shelf = queryOptions({
  queryKey: ['system', 'models'],
  queryFn: () => asked(client.GET('/api/v1/system/models')),
  refetchInterval: ({ state }) => (state.data?.items.some((model) => model.state === 'pulling') ? 1000 : 30_000),
})

export const persons = queryOptions({
  queryKey: ['system', 'people'],
  queryFn: () => asked(client.GET('/api/v1/system/people')),
  refetchInterval: 15_000,
})
export const writer = queryOptions({ queryKey: ['insight'], queryFn: () => asked(client.GET('/api/v1/insight')) })
export const limits = queryOptions({
  queryKey: ['system', 'settings'],
  queryFn: () => asked(client.GET('/api/v1/system/settings')),
  staleTime: 60_000,
})

export const spent = queryOptions({
  queryKey: ['system', 'spending'],
  queryFn: () => asked(client.GET('/api/v1/system/spending')),
  refetchInterval: 30_000,
})

export function callsOf(workspaceId: string) {
  return queryOptions({
    queryKey: ['spending', workspaceId],
    queryFn: () =>
      asked(
        client.GET('/api/v1/workspaces/{workspace_id}/spending', {
          params: { path: { workspace_id: workspaceId }, query: { limit: 50 } },
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

/** A number the installation is set to; what the program comes with where it is not told. */
export function limitOf(items: readonly { name: string; value: unknown }[] | undefined, name: string, usual: number) {
  const value = items?.find((item) => item.name === name)?.value
  return typeof value === 'number' ? value : usual
}
