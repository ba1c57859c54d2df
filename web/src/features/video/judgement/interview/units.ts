import { createContext, useContext } from 'react'
import type { Judgement } from '@/api/judgement'

/** Units by metric: terms name a metric and not its unit. */
export const UnitsContext = createContext<ReadonlyMap<string, string>>(new Map())

export function unitsOf(judgement: Judgement): ReadonlyMap<string, string> {
  return new Map((judgement.metrics ?? []).map((metric) => [metric.id, metric.unit]))
}

export function useMetricUnit(metric: string | null): string | null {
  const units = useContext(UnitsContext)
  return metric === null ? null : (units.get(metric) ?? null)
}
