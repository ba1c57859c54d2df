/** How far an API token reaches. Each reach holds the ones before it. */
export const REACHES = ['read', 'write', 'admin'] as const
export type Reach = (typeof REACHES)[number]

/** The furthest of a token's scopes. */
export function reachOf(scopes: readonly string[]): Reach {
  return [...REACHES].reverse().find((reach) => scopes.includes(reach)) ?? 'read'
}

/** What may be given to a token: no more than one has oneself, and nothing of the account to one for a workspace. */
export function reachesFor(mine: readonly string[], isForOneWorkspace: boolean): Reach[] {
  return REACHES.filter((reach) => mine.includes(reach) && !(reach === 'admin' && isForOneWorkspace))
}
