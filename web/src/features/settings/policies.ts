import type { Schemas } from '@/api/client'
import type { Language } from '@/state/language'

export interface Policy {
  readonly id: string
  readonly name: string
  readonly meaning: string
  readonly isAllowed: boolean
  readonly needsConsent: boolean
  readonly denies: readonly string[]
}

/** Those that are allowed here, as the server says them, then those it has words for and does not allow. */
export function policiesOf(
  allowed: readonly Schemas['PolicyView'][],
  words: Readonly<Record<string, string>>,
  language: Language,
): Policy[] {
  const here = allowed.map((policy) => ({
    id: policy.id,
    name: policy.name[language] ?? policy.id,
    meaning: policy.meaning[language] ?? '',
    isAllowed: true,
    needsConsent: policy.needs_consent,
    denies: policy.denies,
  }))
  const others = Object.keys(words)
    .map((key) => /^policy\.(\w+)\.name$/.exec(key)?.[1])
    .filter((id): id is string => id !== undefined && !here.some((policy) => policy.id === id))
    .map((id) => ({
      id,
      name: words[`policy.${id}.name`] ?? id,
      meaning: words[`policy.${id}.meaning`] ?? '',
      isAllowed: false,
      needsConsent: false,
      denies: [],
    }))
  return [...here, ...others]
}
