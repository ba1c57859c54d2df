import type { Language } from '@/state/language'
import type { Values } from './curve'

/** Digits after the point that say something at a size. */
function decimalsFor(value: number): number {
  const size = Math.abs(value)
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
}

const formats = new Map<string, Intl.NumberFormat>()

function written(value: number, language: Language, decimals: number): string {
  const key = `${language}${decimals}`
  const known = formats.get(key) ?? new Intl.NumberFormat(language, { maximumFractionDigits: decimals })
  formats.set(key, known)
  return known.format(value).replace('-', '−')
}

/** A measured value with its unit; a span where several rows lie under one pixel. `unit`: as people write it. */
export function valueText(values: Values | null, code: string, unit: string, language: Language): string {
  if (!values) return '–'
  const times = code === 'share' && unit === '%' ? 100 : 1
  const [low, high] = [values.low * times, values.high * times]
  const decimals =
    code === 'count' || code === 'code' || code === 'flag' ? (Number.isInteger(high) ? 0 : 1) : decimalsFor(high)
  const [from, to] = [written(low, language, decimals), written(high, language, decimals)]
  const text = from === to ? to : `${from} … ${to}`
  return unit ? `${text} ${unit}` : text
}
