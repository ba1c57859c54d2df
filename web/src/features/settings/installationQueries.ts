import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { asked, client } from '@/api/client'
import type { Language } from '@/state/language'

export const installation = queryOptions({
  queryKey: ['system', 'settings'],
  queryFn: () => asked(client.GET('/api/v1/system/settings')),
})

export const insight = queryOptions({
  queryKey: ['insight'],
  queryFn: () => asked(client.GET('/api/v1/insight')),
})

export const spent = queryOptions({
  queryKey: ['system', 'spending'],
  queryFn: () => asked(client.GET('/api/v1/system/spending')),
})

/** Sets settings; null gives one back to the file and the environment. */
export function useChangeSettings() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: { values: Record<string, unknown>; seen: Record<string, unknown> }) =>
      asked(client.PATCH('/api/v1/system/settings', { body: change })),
    onSuccess: (changed) => {
      queries.setQueryData(installation.queryKey, changed)
      for (const key of ['insight', 'policies', 'audit']) void queries.invalidateQueries({ queryKey: [key] })
      void queries.invalidateQueries({ queryKey: ['system', 'storage'] })
    },
  })
}

/** The same words `useWords` says one by one, all of them. */
export function wordsOf(language: Language) {
  return queryOptions({
    queryKey: ['words', language],
    queryFn: () => asked(client.GET('/api/v1/words/{language}', { params: { path: { language } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
