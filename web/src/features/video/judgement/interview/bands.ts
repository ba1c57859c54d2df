import type { Score } from '@/api/judgement'

export interface Bands {
  /** From the lowest up, as shares of the bar. */
  readonly bands: readonly { readonly id: string; readonly from: number; readonly to: number }[]
  readonly value: number | null
  readonly spread: readonly [number, number] | null
}

export function bandsOf({
  bands,
  most,
  value,
  low,
  high,
}: Pick<Score, 'bands' | 'most' | 'value' | 'low' | 'high'>): Bands {
  const share = (points: number) => Math.min(1, Math.max(0, points / most))
  const rising = bands.toSorted((a, b) => a[1] - b[1])
  return {
    bands: rising.map(([id, least], number) => ({
      id,
      from: share(least),
      to: share(rising[number + 1]?.[1] ?? most),
    })),
    value: value === null ? null : share(value),
    spread: low !== null && high !== null ? [share(low), share(high)] : null,
  }
}
