import type { Schemas } from '@/api/client'

/** The analysis to make as soon as a video is here. */
export interface AnalysisChoice {
  readonly desk: 'qc' | 'interview'
  readonly template: string
  readonly options: Readonly<Record<string, string>>
}

/** What was last chosen in the window for adding videos. */
export interface Choice {
  readonly desk: 'none' | 'qc' | 'interview'
  readonly template: string
  readonly rubric: string
  readonly policy: string
  readonly language: string
  /** Record the analysis rests on, where the policy demands one. Never remembered: it is of one person. */
  readonly consent: string | null
  readonly tags: readonly string[]
}

export const FIRST_CHOICE: Choice = {
  desk: 'qc',
  template: 'default',
  rubric: 'default',
  policy: 'self_practice',
  language: 'auto',
  consent: null,
  tags: [],
}
const KEPT = 'sightline.adding'

export function analysisOf(choice: Choice): AnalysisChoice | null {
  if (choice.desk === 'none') return null
  if (choice.desk === 'qc') return { desk: 'qc', template: choice.template, options: {} }
  const options: Record<string, string> = { policy: choice.policy }
  if (choice.language !== 'auto') options.language = choice.language
  if (choice.consent) options.consent = choice.consent
  return { desk: 'interview', template: choice.rubric, options }
}

/** What can still be chosen: a template may have been removed since, a policy may no longer be allowed. */
export function possible(
  choice: Choice,
  templates: readonly Schemas['TemplateView'][],
  policies: readonly string[],
): Choice {
  const offered = (desk: string, name: string) =>
    templates.length === 0 || templates.some((one) => one.desk === desk && one.name === name)
      ? name
      : (templates.find((one) => one.desk === desk)?.name ?? 'default')
  return {
    ...choice,
    template: offered('qc', choice.template),
    rubric: offered('interview', choice.rubric),
    policy: policies.length === 0 || policies.includes(choice.policy) ? choice.policy : (policies[0] as string),
  }
}

export function rememberedChoice(kept: string | null): Choice {
  try {
    const told: unknown = JSON.parse(kept ?? '{}')
    if (typeof told !== 'object' || told === null) return FIRST_CHOICE
    const known = told as Record<string, unknown>
    const text = (name: 'template' | 'rubric' | 'policy' | 'language') =>
      typeof known[name] === 'string' ? (known[name] as string) : FIRST_CHOICE[name]
    const desk = known.desk === 'none' || known.desk === 'interview' ? known.desk : 'qc'
    const tags = Array.isArray(known.tags) ? known.tags.filter((tag) => typeof tag === 'string') : []
    return {
      ...FIRST_CHOICE,
      desk,
      template: text('template'),
      rubric: text('rubric'),
      policy: text('policy'),
      language: text('language'),
      tags,
    }
  } catch {
    return FIRST_CHOICE
  }
}

export function readChoice(): Choice {
  return rememberedChoice(localStorage.getItem(KEPT))
}

export function keepChoice(choice: Choice): void {
  localStorage.setItem(KEPT, JSON.stringify({ ...choice, consent: null }))
}
