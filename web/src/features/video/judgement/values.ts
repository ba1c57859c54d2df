import type { Check, Details, Event, Scalar } from '@/api/judgement'
import type { Language } from '@/state/language'
import type { Word } from '@/state/words'

/** How values, limits and evidence are written, as the reports write them (src/sightline/report/showing.py). */
export interface Shown {
  readonly word: Word
  readonly language: Language
}

const SIGNS: readonly [RegExp, string][] = [
  [/<=/g, '≤'],
  [/>=/g, '≥'],
  [/==/g, '='],
  [/!=/g, '≠'],
  [/\+-/g, '±'],
]
/** What checks write into a limit beside numbers and signs. */
const LIMIT_WORDS =
  /\b(changes in 1 s|of 5 s near the limit|reserved|clicks|changes|area|frames|or|no|letterbox|pillarbox|windowbox)\b/g
/** Names of what was measured, such as `max_momentary_lufs`. */
const NAMES = /\b[a-z]+(?:_[a-z]+)*_(?:lufs|lu|s|px|hz|db)\b/g
const TIGHT = new Set(['°', '/s', '/min', ''])
const ENDINGS = ['s', 'px', 'hz', 'db', 'dbfs', 'lufs', 'lu', 'share', 'frames']
const YES: Readonly<Record<Language, readonly [string, string]>> = { en: ['yes', 'no'], ko: ['예', '아니요'] }

/** Whole numbers whole, others with about three digits that matter. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  let text: string
  if (Number.isInteger(value) && size < 1e15) text = new Intl.NumberFormat('en').format(value)
  else if (size >= 100) text = new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(value)
  else if (size >= 1) text = String(Number(value.toFixed(2)))
  else text = String(Number(value.toPrecision(3)))
  return text.includes('e') ? text : text.replace('-', '−')
}

export function unitText(unit: string | null | undefined, { word }: Shown): string {
  if (!unit) return ''
  return unit === 'share' ? '%' : word(`unit.${unit}`, unit)
}

/** A measured value with its unit; empty for none. */
export function valueText(value: Scalar, unit: string | null | undefined, shown: Shown): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return YES[shown.language][value ? 0 : 1]
  if (typeof value === 'string') return value
  if (unit === 'share') return `${numberText(value * 100)} %`
  const suffix = unitText(unit, shown)
  return suffix ? `${numberText(value)}${TIGHT.has(suffix) ? '' : ' '}${suffix}` : numberText(value)
}

/** A limit as applied: `<= -1.0` becomes `≤ −1.0 dBTP`. */
export function thresholdText(threshold: Scalar, unit: string | null | undefined, shown: Shown): string {
  if (typeof threshold !== 'string') return valueText(threshold, unit, shown)
  const share = unit === 'share' ? /^([<>=!]*)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(threshold.trim()) : null
  let text = share ? `${share[1]} ${numberText(Number(share[2]) * 100)}`.trim() : threshold
  text = text
    .replace(LIMIT_WORDS, (found) => shown.word(`limit.${found.replaceAll(' ', '_')}`, found))
    .replace(NAMES, (found) => evidenceName(found, shown))
  for (const [plain, sign] of SIGNS) text = text.replace(plain, sign)
  text = text.replace(/(?<![\w.])-(?=\d)/g, '−')
  // A limit that ends in a word has a unit of its own: `-1 .. +1 frames` of a value in seconds.
  const suffix = /[a-z]$/i.test(threshold.trim()) ? '' : unitText(unit, shown)
  return suffix && /\d/.test(text) && !text.includes(suffix) ? `${text} ${suffix}` : text
}

export function checkValue(check: Pick<Check, 'value' | 'unit'>, shown: Shown): string {
  if (check.unit === 'count' && typeof check.value === 'number')
    return shown.language === 'ko' ? `${numberText(check.value)}건` : `${numberText(check.value)} found`
  return valueText(check.value, check.unit, shown)
}

/** A bare number of findings is the most there may be. */
export function checkThreshold(check: Pick<Check, 'threshold' | 'unit'>, shown: Shown): string {
  if (check.unit === 'count')
    return typeof check.threshold === 'number'
      ? `≤ ${numberText(check.threshold)}`
      : thresholdText(check.threshold, null, shown)
  return thresholdText(check.threshold, check.unit, shown)
}

/** The unit a name ends with: `duration_s` is in seconds. */
export function unitOfName(name: string): string | null {
  const found = /^.+_([a-z]+)$/.exec(name)?.[1]
  return found && ENDINGS.includes(found) ? found : null
}

export function evidenceName(name: string, { word }: Shown): string {
  const unit = unitOfName(name)
  return word(`evidence.${name}`, (unit ? name.slice(0, -unit.length - 1) : name).replaceAll('_', ' '))
}

/** Names and values, without those that have none. */
export function namedValues(values: Details, shown: Shown): readonly (readonly [string, string])[] {
  return Object.entries(values)
    .map(([name, value]) => [evidenceName(name, shown), valueText(value, unitOfName(name), shown)] as const)
    .filter(([, text]) => text !== '')
}

export interface EventShown {
  readonly value: string
  readonly threshold: string
  readonly rest: readonly (readonly [string, string])[]
  readonly labels: readonly string[]
}

/** What an event's evidence says, each as text. */
export function eventShown(event: Pick<Event, 'evidence' | 'labels'>, shown: Shown): EventShown {
  const { value = null, threshold = null, unit = null, ...rest } = event.evidence
  const of = typeof unit === 'string' ? unit : null
  return {
    value: valueText(value, of, shown),
    threshold: thresholdText(threshold, of, shown),
    rest: namedValues(rest, shown),
    labels: event.labels.map((label) => shown.word(`label.${label}`, label.replaceAll('_', ' '))),
  }
}

export function kindName(kind: string, { word }: Shown): string {
  return word(`kind.${kind}`, kind.replaceAll('_', ' '))
}

export function checkTitle(check: Pick<Check, 'id' | 'name'>, { word }: Shown): string {
  return word(`check.${check.id}.title`, check.name.replaceAll('_', ' '))
}
