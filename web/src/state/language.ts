import { useSyncExternalStore } from 'react'

export type Language = 'en' | 'ko'
export const LANGUAGES: readonly Language[] = ['en', 'ko']
const KEPT = 'sightline.language'

let current: Language = first()
const listeners = new Set<() => void>()

function first(): Language {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT)
  if (kept === 'en' || kept === 'ko') return kept
  return typeof navigator !== 'undefined' && navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

/** The language everything is shown in now. */
export function language(): Language {
  return current
}

export function setLanguage(to: Language): void {
  current = to
  if (typeof localStorage !== 'undefined') localStorage.setItem(KEPT, to)
  if (typeof document !== 'undefined') document.documentElement.lang = to
  for (const listener of listeners) listener()
}

/** Whether somebody chose a language in this browser, which goes before that of the account. */
export function isChosen(): boolean {
  return localStorage.getItem(KEPT) !== null
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useLanguage(): Language {
  return useSyncExternalStore(listen, language, language)
}
