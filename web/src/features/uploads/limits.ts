import { useQuery } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'

/** How large a file may be here; without a bound until the server has said so. */
export function useMostBytes(): number {
  const { data } = useQuery({
    queryKey: ['uploads', 'most'],
    queryFn: async () => {
      const answer = await fetch('/api/v1/uploads', { method: 'OPTIONS' })
      return Number(answer.headers.get('Tus-Max-Size')) || null
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data ?? Number.POSITIVE_INFINITY
}

const NONE: readonly Schemas['PolicyView'][] = []

/** The purposes people may be analysed for here. */
export function usePolicies(): readonly Schemas['PolicyView'][] {
  const { data } = useQuery({
    queryKey: ['policies'],
    queryFn: () => asked(client.GET('/api/v1/policies')),
    staleTime: 60_000,
  })
  return data?.items ?? NONE
}
