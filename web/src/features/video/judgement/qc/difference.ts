import type { Check, Judgement, Metric, Score } from '@/api/judgement'
import { gravity } from './grouping'

/** A check that another judgement sees otherwise; null: it is not judged there. */
export interface Changed {
  readonly id: string
  readonly before: Check | null
  readonly after: Check | null
}

/** Checks whose state, value, limit or findings differ; those whose state differs first, the gravest of them first. */
export function changedChecks(before: Judgement, after: Judgement): readonly Changed[] {
  const then = new Map(before.checks.map((check) => [check.id, check]))
  const now = new Map(after.checks.map((check) => [check.id, check]))
  const changed: Changed[] = []
  for (const id of new Set([...then.keys(), ...now.keys()])) {
    const one = { id, before: then.get(id) ?? null, after: now.get(id) ?? null }
    if (isOther(one.before, one.after)) changed.push(one)
  }
  return changed.toSorted((a, b) => rank(a) - rank(b))
}

function isOther(a: Check | null, b: Check | null): boolean {
  if (!a || !b) return a !== b
  return (
    a.state !== b.state || a.value !== b.value || a.threshold !== b.threshold || a.events.length !== b.events.length
  )
}

export function changesState({ before, after }: Changed): boolean {
  return before?.state !== after?.state
}

function rank(changed: Changed): number {
  const worst = Math.min(gravity(changed.after?.state ?? ''), gravity(changed.before?.state ?? ''))
  return (changesState(changed) ? 0 : 100) + worst
}

export interface ChangedScore {
  readonly id: string
  readonly part: string | null
  readonly before: Score | null
  readonly after: Score | null
}

/** Scores whose points or standing differ, those of the whole first. */
export function changedScores(before: Judgement, after: Judgement): readonly ChangedScore[] {
  const key = (one: Pick<Score | Metric, 'id' | 'part'>) => `${one.part ?? ''}/${one.id}`
  const then = new Map((before.scores ?? []).map((score) => [key(score), score]))
  const now = new Map((after.scores ?? []).map((score) => [key(score), score]))
  const changed: ChangedScore[] = []
  for (const at of new Set([...then.keys(), ...now.keys()])) {
    const [was, is] = [then.get(at) ?? null, now.get(at) ?? null]
    const known = (is ?? was) as Score
    if (was?.value !== is?.value || was?.standing !== is?.standing || was?.band !== is?.band)
      changed.push({ id: known.id, part: known.part, before: was, after: is })
  }
  return changed.toSorted((a, b) => Number(a.part !== null) - Number(b.part !== null))
}
