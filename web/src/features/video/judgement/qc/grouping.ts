import type { Check, CheckState, Event } from '@/api/judgement'
import { seconds } from '@/state/seconds'
import type { Finding } from '../../playback'

/** What needs looking at first. */
const GRAVEST: readonly CheckState[] = ['fail', 'warn', 'not_evaluated', 'waived', 'pass', 'not_applicable']
/** In the order of a report. */
const GROUPS = ['file', 'video', 'flash', 'audio']

export type GroupBy = 'state' | 'group'

export interface CheckGroup {
  /** A state, or a group of checks. */
  readonly id: string
  readonly checks: readonly Check[]
}

export function gravity(state: string): number {
  const at = GRAVEST.indexOf(state as CheckState)
  return at < 0 ? GRAVEST.length : at
}

/**
 * Groups that have checks: by state the gravest first, by group in the order of a report with the gravest checks first.
 * Another `stateOf` keeps checks in their place while their state changes under somebody's hands.
 */
export function grouped(
  checks: readonly Check[],
  by: GroupBy,
  stateOf: (check: Check) => string = (check) => check.state,
): readonly CheckGroup[] {
  const found = new Map<string, Check[]>()
  for (const check of checks) {
    const id = by === 'state' ? stateOf(check) : check.group
    const there = found.get(id)
    if (there) there.push(check)
    else found.set(id, [check])
  }
  const rank = (id: string) =>
    by === 'state' ? gravity(id) : (GROUPS.indexOf(id) + GROUPS.length + 1) % (GROUPS.length + 1)
  return [...found]
    .map(([id, members]) => ({
      id,
      checks: by === 'state' ? members : members.toSorted((a, b) => gravity(stateOf(a)) - gravity(stateOf(b))),
    }))
    .toSorted((a, b) => rank(a.id) - rank(b.id))
}

/** How many checks are in each state, the gravest first. */
export function counted(checks: readonly Check[]): readonly (readonly [CheckState, number])[] {
  return GRAVEST.map((state) => [state, checks.filter((check) => check.state === state).length] as const).filter(
    ([, count]) => count > 0,
  )
}

/** Those of some states (none named: all) whose text holds every word that is looked for. */
export function filtered(
  checks: readonly Check[],
  states: ReadonlySet<string>,
  search: string,
  textOf: (check: Check) => string,
  stateOf: (check: Check) => string = (check) => check.state,
): readonly Check[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return checks.filter((check) => {
    if (states.size && !states.has(check.state) && !states.has(stateOf(check))) return false
    if (!words.length) return true
    const text = textOf(check).toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export function findingOf(check: Check, event: Event): Finding {
  return {
    from: 'check',
    id: check.id,
    check: check.id,
    span: { start: seconds(event.start_s), end: seconds(event.end_s) },
  }
}
