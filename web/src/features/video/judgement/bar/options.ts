import type { Schemas } from '@/api/client'
import { isUnreadable, questionsOf } from './questions'

/** What is asked of the interview desk besides its rubric. */
export interface InterviewAsked {
  readonly policy: string
  readonly language: 'auto' | 'ko' | 'en'
  readonly consent: string | null
  readonly emotion: boolean
  /** As it was written. */
  readonly questions: string
}

export const nothingAsked: InterviewAsked = {
  policy: 'self_practice', language: 'auto', consent: null, emotion: false, questions: '',
} // biome-ignore format: one default

type Policy = Pick<Schemas['PolicyView'], 'id' | 'needs_consent' | 'denies'>

/** Whether emotion may be asked for under a policy. */
export function allowsEmotion(policy: Policy | undefined): boolean {
  return policy !== undefined && !policy.denies.includes('emotion')
}

/** What keeps it from being begun; null: nothing. */
export function whyNot(asked: InterviewAsked, policy: Policy | undefined): 'policy' | 'consent' | 'questions' | null {
  if (!policy) return 'policy'
  if (policy.needs_consent && asked.consent === null) return 'consent'
  return isUnreadable(questionsOf(asked.questions)) ? 'questions' : null
}

/** As the API takes them; nothing a policy denies is asked for. */
export function optionsOf(asked: InterviewAsked, policy: Policy | undefined): Record<string, unknown> {
  const questions = questionsOf(asked.questions)
  return {
    policy: policy?.id ?? asked.policy,
    language: asked.language,
    ...(policy?.needs_consent && asked.consent !== null && { consent: asked.consent }),
    ...(asked.emotion && allowsEmotion(policy) && { emotion: true }),
    ...(!isUnreadable(questions) && questions.length > 0 && { questions: [...questions] }),
  }
}
