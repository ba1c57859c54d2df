import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { asked, client, type Schemas } from '@/api/client'

export type Who = Schemas['WhoView']

export const session = queryOptions({
  queryKey: ['session'],
  queryFn: () => asked(client.GET('/api/v1/session')),
  staleTime: 60_000,
})

/** Who is signed in, or who has the share link. */
export function useWho(): Who {
  return useSuspenseQuery(session).data
}

const KEPT = 'sightline.workspace'
const listeners = new Set<() => void>()
let chosen = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT)

export function chooseWorkspace(id: string): void {
  chosen = id
  localStorage.setItem(KEPT, id)
  for (const listener of listeners) listener()
}

/** The workspace that is looked at; null for somebody who is in none. */
export function useWorkspace(): Who['workspaces'][number] | null {
  const who = useWho()
  const id = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => chosen,
  )
  return who.workspaces.find((mine) => mine.id === id) ?? who.workspaces[0] ?? null
}

/** Whether one may change things in the workspace that is looked at. */
export function useMayEdit(): boolean {
  const who = useWho()
  const workspace = useWorkspace()
  return who.kind !== 'share' && workspace !== null && workspace.role !== 'viewer'
}
