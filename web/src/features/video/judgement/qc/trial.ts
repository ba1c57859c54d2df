import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isShare, type Schemas } from '@/api/client'
import type { Judgement } from '@/api/judgement'
import type { Plain } from '@/state/toml'
import { type Asked, judged } from '../judging'
import { checkedTemplate, editedName, type PlannedCheck, templateOf } from '../templates'
import { type Changed, changedChecks } from './difference'
import { type Edits, edited, extending } from './toml'

const TYPING_MS = 300

/** Another judgement that is only tried: nothing is kept until somebody says so. */
export interface Trial {
  /** The template tried, where it is another. */
  readonly template: string
  readonly edits: Edits
  readonly isOn: boolean
  /** What would be asked to keep it; null: nothing is tried. */
  readonly asked: Asked | null
  /** Text of the template with its changes; null where nothing is changed. */
  readonly source: string | null
  /** The changes could not be put into the text. */
  readonly isByHand: boolean
  readonly judgement: Judgement | null
  readonly changed: readonly Changed[]
  readonly isBusy: boolean
  readonly error: unknown
  /** Limits by check, as the template tried has them. */
  readonly planned: ReadonlyMap<string, PlannedCheck>
  readonly isLoadingLimits: boolean
  readonly limitsError: unknown
  choose: (template: string) => void
  set: (check: string, parameter: string, value: Plain | null) => void
  reset: () => void
}

type Detail = Schemas['AnalysisDetail']

export function useTrial(analysis: Detail, judgement: Judgement, isAsked: boolean): Trial {
  const [chosen, setChosen] = useState<string | null>(null)
  const [edits, setEdits] = useState<Edits>(new Map())
  const template = chosen ?? analysis.template
  const own = chosen === null ? (analysis.template_source ?? null) : null
  const limits = useQuery({
    ...(own === null
      ? templateOf('qc', template, analysis.workspace_id)
      : checkedTemplate('qc', template, own, analysis.workspace_id)),
    enabled: isAsked && !isShare(),
  })
  const source = edits.size ? edited(own ?? extending(template), edits) : null
  const asked: Asked | null =
    source !== null
      ? { template: editedName(template), template_source: source }
      : chosen === null
        ? null
        : { template }
  const [settled] = useDebouncedValue(asked, TYPING_MS, { leading: false })
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
  return {
    template,
    edits,
    isOn: asked !== null,
    asked,
    source,
    isByHand: edits.size > 0 && source === null,
    judgement: after,
    changed: after ? changedChecks(judgement, after) : [],
    isBusy: asked !== null && (preview.isFetching || JSON.stringify(asked) !== JSON.stringify(settled)),
    error: asked ? preview.error : null,
    planned: new Map((limits.data?.resolved?.checks ?? []).map((check) => [check.id, check])),
    isLoadingLimits: limits.isLoading,
    limitsError: limits.error,
    choose: (name) => {
      setEdits(new Map())
      setChosen(name === analysis.template ? null : name)
    },
    set: (check, parameter, value) => setEdits(withEdit(edits, check, parameter, value)),
    reset: () => {
      setEdits(new Map())
      setChosen(null)
    },
  }
}

/** Null takes the change back. */
export function withEdit(edits: Edits, check: string, parameter: string, value: Plain | null): Edits {
  const { [parameter]: _, ...rest } = edits.get(check) ?? {}
  const values = value === null ? rest : { ...rest, [parameter]: value }
  const made = new Map(edits)
  if (Object.keys(values).length) made.set(check, values)
  else made.delete(check)
  return made
}
