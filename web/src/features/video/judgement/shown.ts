import { useLanguage } from '@/state/language'
import { useWords } from '@/state/words'
import type { Shown } from './values'

export function useShown(): Shown {
  return { word: useWords(), language: useLanguage() }
}
