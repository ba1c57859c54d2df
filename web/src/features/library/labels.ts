import type { Language } from '@/state/language'
import type { Say } from '@/state/text'
import { day, lasting } from '@/ui/format'
import { dayAfter, type Filter, type Part, today } from './filter'
import type { TextKey } from './text'

export const STATE_KEYS = {
  queued: 'stateQueued', running: 'stateRunning', done: 'stateDone', failed: 'stateFailed', cancelled: 'stateCancelled',
} as const satisfies Record<string, TextKey> // biome-ignore format: one table

/** Usual choices of what is measured in numbers. */
export interface Preset<Values> {
  readonly key: TextKey
  readonly values: Values
}
type Lengths = Pick<Filter, 'shortest' | 'longest'>
type Heights = Pick<Filter, 'minHeight' | 'maxHeight'>
type Days = Pick<Filter, 'from' | 'before'>

export const LENGTHS: readonly Preset<Lengths>[] = [
  { key: 'underMinute', values: { shortest: null, longest: 60 } },
  { key: 'minutes', values: { shortest: 60, longest: 600 } },
  { key: 'tens', values: { shortest: 600, longest: 3600 } },
  { key: 'hours', values: { shortest: 3600, longest: null } },
]
export const HEIGHTS: readonly Preset<Heights>[] = [
  { key: 'sd', values: { minHeight: null, maxHeight: 719 } },
  { key: 'hd', values: { minHeight: 720, maxHeight: 1079 } },
  { key: 'fullHd', values: { minHeight: 1080, maxHeight: 2159 } },
  { key: 'uhd', values: { minHeight: 2160, maxHeight: null } },
]

export function daysFrom(now = today()): readonly Preset<Days>[] {
  return [
    { key: 'today', values: { from: now, before: null } },
    { key: 'week', values: { from: dayAfter(now, -6), before: null } },
    { key: 'month', values: { from: dayAfter(now, -29), before: null } },
    { key: 'year', values: { from: `${now.slice(0, 4)}-01-01`, before: null } },
  ]
}

/** Whether a filter has just these values. */
export function has<Values extends Partial<Filter>>(filter: Filter, values: Values): boolean {
  return Object.entries(values).every(([name, value]) => filter[name as keyof Filter] === value)
}

function spoken(
  from: string | null,
  to: string | null,
  both: string,
  since: TextKey,
  until: TextKey,
  say: Say<TextKey>,
) {
  if (from !== null && to !== null) return both
  const word = since === 'since' ? 'day' : since === 'longer' ? 'time' : since === 'linesFrom' ? 'from' : 'to'
  if (from !== null) return say(since, { [word]: from })
  return say(until, { [until === 'linesTo' ? 'to' : word]: to ?? '' })
}

/** What a part of a filter is called. */
export function labelOf(part: Part, filter: Filter, say: Say<TextKey>, language: Language): string {
  if (part.startsWith('tag:')) return say('tagPart', { text: part.slice(4) })
  switch (part) {
    case 'q':
      return say('searchPart', { text: filter.q.trim() })
    case 'desk':
      return say('deskPart', { text: say(filter.desk as 'qc' | 'interview') })
    case 'verdict':
      return say('verdictPart', { text: say(filter.verdict as 'pass' | 'warn' | 'fail') })
    case 'state':
      return say('statePart', { text: say(STATE_KEYS[filter.state as keyof typeof STATE_KEYS]) })
    case 'date': {
      const preset = daysFrom().find(({ values }) => has(filter, values))
      if (preset) return say(preset.key)
      const from = filter.from && day(`${filter.from}T00:00:00`, language)
      const to = filter.before && day(`${dayAfter(filter.before, -1)}T00:00:00`, language)
      return spoken(from, to, `${from} – ${to}`, 'since', 'until', say)
    }
    case 'duration': {
      const preset = LENGTHS.find(({ values }) => has(filter, values))
      if (preset) return say(preset.key)
      const from = filter.shortest === null ? null : lasting(filter.shortest, language)
      const to = filter.longest === null ? null : lasting(filter.longest, language)
      return spoken(from, to, `${from} – ${to}`, 'longer', 'shorter', say)
    }
    default: {
      const preset = HEIGHTS.find(({ values }) => has(filter, values))
      if (preset) return say(preset.key)
      const from = filter.minHeight === null ? null : String(filter.minHeight)
      const to = filter.maxHeight === null ? null : String(filter.maxHeight)
      return spoken(from, to, say('lines', { from: from ?? '', to: to ?? '' }), 'linesFrom', 'linesTo', say)
    }
  }
}
