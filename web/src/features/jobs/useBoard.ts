import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { doTo } from './deeds'
import { type Deed, type Done, doToAll, type Target } from './doing'

export interface Picked extends Target {
  readonly state: string
  readonly title: string
}

/** What a person does with jobs: which are selected, what is being done, and how it went. */
export interface Board {
  readonly selected: ReadonlyMap<string, Picked>
  readonly mayEdit: boolean
  /** How far something that is done to many is; null while nothing is. */
  readonly going: { done: number; count: number } | null
  readonly result: Done | null
  readonly error: unknown
  toggle(job: Picked): void
  clear(): void
  act(deed: Deed, targets: readonly Target[] | (() => Promise<readonly string[]>)): Promise<void>
  forgetResult(): void
  /** Jobs a person is asked about before they are cancelled. */
  readonly cancelling: readonly Picked[]
  askCancel(jobs: readonly Picked[]): void
}

export function useBoard(mayEdit: boolean): Board {
  const queries = useQueryClient()
  const [selected, select] = useState<Board['selected']>(new Map())
  const [going, setGoing] = useState<Board['going']>(null)
  const [result, setResult] = useState<Done | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [cancelling, askCancel] = useState<Board['cancelling']>([])

  const toggle = useCallback<Board['toggle']>((job) => {
    select((before) => {
      const after = new Map(before)
      if (!after.delete(job.id)) after.set(job.id, job)
      return after
    })
  }, [])
  const clear = useCallback(() => select(new Map()), [])
  const forgetResult = useCallback(() => {
    setResult(null)
    setError(null)
  }, [])
  const act = useCallback<Board['act']>(
    async (deed, wanted) => {
      forgetResult()
      setGoing({ done: 0, count: 0 })
      try {
        const targets = typeof wanted === 'function' ? (await wanted()).map((id) => ({ id })) : wanted
        setGoing({ done: 0, count: targets.length })
        const ended = await doToAll(
          (target) => doTo(deed, target),
          targets,
          (done) => setGoing({ done, count: targets.length }),
        )
        // One that went well shows by itself.
        if (targets.length > 1 || ended.refusals.size > 0) setResult(ended)
        clear()
      } catch (caught) {
        setError(caught)
      } finally {
        setGoing(null)
        void queries.invalidateQueries({ queryKey: ['jobs'] })
      }
    },
    [clear, forgetResult, queries],
  )
  return useMemo(
    () => ({
      selected, mayEdit, going, result, error, cancelling, toggle, clear, act, forgetResult, askCancel,
    }), // biome-ignore format: one board, one line
    [selected, mayEdit, going, result, error, cancelling, toggle, clear, act, forgetResult],
  )
}
