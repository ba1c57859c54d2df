import { useCallback } from 'react'
import { type Language, useLanguage } from './language'

type Texts = Record<string, string>
export type Fields = Record<string, string | number>
export interface Catalogue<Keys extends string> {
  readonly en: Readonly<Record<Keys, string>>
  readonly ko: Readonly<Record<Keys, string>>
}
export type Say<Keys extends string> = (key: Keys, fields?: Fields) => string

/**
 * The words of a feature in both languages. A key that one of them lacks does not compile.
 *
 * `{name}` stands for a field. `one|other` is chosen by the field `count`: `'{count} video|{count} videos'`.
 */
export function catalogue<const T extends Texts>(en: T, ko: { [K in keyof T]: string }): Catalogue<keyof T & string> {
  return { en, ko } as unknown as Catalogue<keyof T & string>
}

const plurals: Record<Language, Intl.PluralRules> = {
  en: new Intl.PluralRules('en'),
  ko: new Intl.PluralRules('ko'),
}

export function render(text: string, fields: Fields, language: Language): string {
  const [one, other] = text.split('|') as [string, string?]
  const count = fields.count
  const chosen =
    other !== undefined && typeof count === 'number' && plurals[language].select(count) !== 'one' ? other : one
  return chosen.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name] ?? `{${name}}`))
}

/** Says the words of a catalogue in the language of the page; another language needs no reload. */
export function useText<Keys extends string>(from: Catalogue<Keys>): Say<Keys> {
  const language = useLanguage()
  return useCallback((key, fields = {}) => render(from[language][key], fields, language), [from, language])
}
