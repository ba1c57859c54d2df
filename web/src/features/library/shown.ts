import { createContext, useContext } from 'react'
import type { Language } from '@/state/language'
import type { Say } from '@/state/text'
import type { Word } from '@/state/words'
import type { Job } from './api'
import type { TextKey } from './text'

/** What all entries of the list share. One value for all of them, so that an entry is drawn anew only when it changes. */
export interface Shown {
  readonly say: Say<TextKey>
  readonly word: Word
  readonly language: Language
  readonly query: string
  /** Running jobs by their analysis. */
  readonly jobs: ReadonlyMap<string, Job>
  readonly go: (videoId: string, analysisId?: string | null, at_s?: number | null) => void
}

export const ShownContext = createContext<Shown | null>(null)

export function useShown(): Shown {
  const found = useContext(ShownContext)
  if (!found) throw new Error('outside of a ShownContext')
  return found
}

export function hrefOf(videoId: string, analysisId?: string | null, at_s?: number | null): string {
  const search = new URLSearchParams()
  if (analysisId) search.set('analysis', analysisId)
  if (at_s !== null && at_s !== undefined) search.set('t', String(Math.round(at_s * 1000) / 1000))
  const text = search.toString()
  return `/videos/${encodeURIComponent(videoId)}${text ? `?${text}` : ''}`
}
