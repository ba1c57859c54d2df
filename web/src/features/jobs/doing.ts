export type Deed = 'cancel' | 'retry' | 'up' | 'down'

const AT_ONCE = 4
const STEP = 1
export const HIGHEST = 10
export const LOWEST = -10

export interface Target {
  readonly id: string
  readonly priority?: number
}

export function priorityAfter(deed: 'up' | 'down', priority: number): number {
  return deed === 'up' ? Math.min(HIGHEST, priority + STEP) : Math.max(LOWEST, priority - STEP)
}

export interface Done {
  readonly done: number
  /** How many could not be, by what the server said of them. */
  readonly refusals: ReadonlyMap<string, number>
}

/** Does one thing to many jobs, a few at a time; one that is refused stops none of the others. */
export async function doToAll(
  act: (target: Target) => Promise<unknown>,
  targets: readonly Target[],
  told: (done: number) => void,
): Promise<Done> {
  const refusals = new Map<string, number>()
  let next = 0
  let done = 0
  const work = async () => {
    for (let target = targets[next++]; target !== undefined; target = targets[next++]) {
      try {
        await act(target)
        done += 1
      } catch (error) {
        // The server is away: the rest would only wait for it in turn.
        if (error instanceof Error && 'isUnreachable' in error && error.isUnreachable) throw error
        const why = error instanceof Error ? error.message : String(error)
        refusals.set(why, (refusals.get(why) ?? 0) + 1)
      }
      told(done)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, targets.length) }, work))
  return { done, refusals }
}
