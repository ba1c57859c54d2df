import type { Plain } from '@/state/toml'
import { type Shown, valueText } from '../values'

/** Lists of whole numbers; an empty one does not tell. */
const OF_NUMBERS = /_(hz|counts|depths|deg)$/

/** What was written as a list of signs, as the template wants it: numbers where its own are numbers. */
export function listValue(
  name: string,
  value: Plain | null,
  usual: Plain | null,
  written: readonly string[],
): readonly (string | number)[] {
  const known = [value, usual].find((one) => Array.isArray(one) && one.length > 0) as readonly unknown[] | undefined
  const isOfNumbers = known ? known.every((one) => typeof one === 'number') : OF_NUMBERS.test(name)
  if (!isOfNumbers) return written
  return written.map(Number).filter((number) => Number.isFinite(number))
}

export function shownValue(value: Plain | null, shown: Shown, unset: string): string {
  if (value === null || (Array.isArray(value) && !value.length)) return unset
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'object') return JSON.stringify(value)
  return valueText(value as string | number | boolean, null, shown)
}
