import { isShare } from '@/api/client'
import { useWho } from '@/state/session'

/** Whether one may change things in the workspace something lies in, whichever workspace is looked at. */
export function useMayChange(workspaceId: string): boolean {
  const who = useWho()
  const role = who.workspaces.find((mine) => mine.id === workspaceId)?.role
  return !isShare() && role !== undefined && role !== 'viewer'
}

/** Whether one may dispute scores: whoever is shown them may, by a share link as well. */
export function useMayContest(workspaceId: string): boolean {
  const who = useWho()
  return isShare() || who.workspaces.some((mine) => mine.id === workspaceId)
}

/** What a person signs with. */
export function useSignature(): string {
  const { user } = useWho()
  return user?.name || user?.email || ''
}
