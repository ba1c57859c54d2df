import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { asked, client } from '@/api/client'
import { type Language, useLanguage } from './language'

/** What the server calls what it measures: kinds of events, checks, metrics, signals, units. */
export type Word = (key: string, otherwise?: string) => string

export function useWords(): Word {
  const language = useLanguage()
  const { data } = useQuery({
    queryKey: ['words', language],
    queryFn: () => asked(client.GET('/api/v1/words/{language}', { params: { path: { language } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const words: Readonly<Record<string, string>> | undefined = data?.words
  return useCallback((key, otherwise) => words?.[key] ?? otherwise ?? key, [words])
}

/** A text the server gave in both languages. */
export function told(text: Partial<Record<Language, string>> | null | undefined, language: Language): string {
  return text?.[language] ?? text?.en ?? ''
}
