import type { Judgement } from '@/api/judgement'

export type ReviewState = 'open' | 'reviewed' | 'overridden' | 'contested' | 'resolved'
export type Action = 'review' | 'override' | 'contest' | 'resolve'

/** From which states a step can follow: as src/sightline/desks/review.py has it. */
const FOLLOWS: Readonly<Record<Action, readonly ReviewState[]>> = {
  review: ['open', 'resolved'],
  override: ['open', 'reviewed', 'overridden', 'resolved'],
  contest: ['open', 'reviewed', 'overridden', 'resolved'],
  resolve: ['contested'],
}

export interface May {
  readonly change: boolean
  readonly contest: boolean
}

/** What somebody may do next. */
export function actionsAfter(state: string, may: May): readonly Action[] {
  return (Object.keys(FOLLOWS) as Action[]).filter(
    (action) => FOLLOWS[action].includes(state as ReviewState) && (may.change || (action === 'contest' && may.contest)),
  )
}

export interface Said {
  readonly action: Action
  readonly text: string
  /** Key of the score as `scoreKey` makes it; null: none. */
  readonly score: string | null
  readonly value: number | null
}

export function scoreKey(score: { readonly id: string; readonly part: string | null }): string {
  return `${score.part ?? ''}/${score.id}`
}

/** What is still missing of a step, field by field. */
export function missingOf(said: Said, most: number | null): ReadonlySet<'text' | 'score' | 'value'> {
  const missing = new Set<'text' | 'score' | 'value'>()
  if (said.action !== 'review' && !said.text.trim()) missing.add('text')
  if (said.action === 'override' && said.score === null) missing.add('score')
  const needsValue = said.action === 'override' || (said.action === 'resolve' && said.score !== null)
  if (needsValue && (said.value === null || said.value < 0 || (most !== null && said.value > most)))
    missing.add('value')
  return missing
}

/** The body of POST /analyses/{id}/review. */
export function stepOf(said: Said, judgement: Judgement) {
  const score = (judgement.scores ?? []).find((one) => scoreKey(one) === said.score)
  const gives = (said.action === 'override' || said.action === 'resolve') && score !== undefined && said.value !== null
  return {
    action: said.action as Exclude<Action, 'contest'>,
    text: said.text.trim(),
    ...(gives && { score: score.id, part: score.part, value: said.value }),
  }
}
