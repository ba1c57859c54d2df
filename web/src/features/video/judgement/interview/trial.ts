import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isShare, type Schemas } from '@/api/client'
import type { Judgement, Score } from '@/api/judgement'
import { type Asked, judged } from '../judging'
import { type ChangedScore, changedScores } from '../qc/difference'
import { checkedTemplate, editedName, type Resolved, templateOf } from '../templates'
import { editedRubric, type TermEdit } from './rubric'

const TYPING_MS = 300

type Detail = Schemas['AnalysisDetail']

/** Another rubric, or other weights and formulas, tried: nothing is kept until somebody says so. */
export interface RubricTrial {
  readonly template: string
  readonly edits: readonly TermEdit[]
  readonly resolved: Resolved | null
  readonly isOn: boolean
  readonly asked: Asked | null
  /** Text of the rubric with its changes; null where nothing is changed. */
  readonly source: string | null
  /** The changes could not be put into the text. */
  readonly isByHand: boolean
  readonly judgement: Judgement | null
  readonly changed: readonly ChangedScore[]
  readonly isBusy: boolean
  readonly error: unknown
  before: (score: Score) => Score | null
  choose: (template: string) => void
  edit: (edits: readonly TermEdit[]) => void
  reset: () => void
}

export function useRubricTrial(analysis: Detail, judgement: Judgement, isAsked: boolean): RubricTrial {
  const [chosen, setChosen] = useState<string | null>(null)
  const [edits, setEdits] = useState<readonly TermEdit[]>([])
  const template = chosen ?? analysis.template
  const own = chosen === null ? (analysis.template_source ?? null) : null
  const text = useQuery({
    ...(own === null
      ? templateOf('interview', template, analysis.workspace_id)
      : checkedTemplate('interview', template, own, analysis.workspace_id)),
    enabled: isAsked && !isShare(),
  })
  const source = edits.length && text.data ? editedRubric(text.data.source, edits) : null
  const asked: Asked | null =
    source !== null
      ? { template: editedName(template), template_source: source }
      : chosen === null
        ? null
        : { template }
  const [settled] = useDebouncedValue(asked, TYPING_MS)
  const wanted = asked && settled
  const preview = useQuery({
    queryKey: ['analysis', analysis.id, 'trial', analysis.revision, wanted],
    queryFn: () => judged(analysis.id, wanted as Asked, false),
    enabled: wanted !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const after = asked && !preview.isError ? (preview.data?.judgement ?? null) : null
  const changed = after ? changedScores(judgement, after) : []
  return {
    template,
    edits,
    resolved: text.data?.resolved ?? null,
    isOn: asked !== null,
    asked,
    source,
    isByHand: edits.length > 0 && text.data !== undefined && source === null,
    judgement: after,
    changed,
    isBusy: asked !== null && (preview.isFetching || JSON.stringify(asked) !== JSON.stringify(settled)),
    error: text.error ?? (asked ? preview.error : null),
    before: (score) =>
      changed.find((one) => one.id === score.id && one.part === score.part && one.after !== null)?.before ?? null,
    choose: (name) => {
      setEdits([])
      setChosen(name === analysis.template ? null : name)
    },
    edit: setEdits,
    reset: () => {
      setEdits([])
      setChosen(null)
    },
  }
}

/** With the changes of one more; each term is changed once. */
export function withEdits(edits: readonly TermEdit[], more: readonly TermEdit[]): readonly TermEdit[] {
  const made = new Map(edits.map((one) => [`${one.score}/${one.term}`, one]))
  for (const one of more) {
    const key = `${one.score}/${one.term}`
    made.set(key, { ...made.get(key), ...one })
  }
  return [...made.values()]
}
