import type { Group, LaneId } from './groups'
import type { Rule } from './paint'

interface Check {
  readonly id: string
  readonly threshold?: unknown
  readonly unit?: unknown
}

/** Which check's threshold is a line in which lane, and in which of its units. */
const LIMITS: readonly { readonly group: string; readonly check: string; readonly unit: string }[] = [
  { group: 'true_peak', check: 'A3', unit: 'dbtp' },
  { group: 'out_of_range', check: 'V5', unit: 'share' },
  { group: 'gamut', check: 'V6', unit: 'share' },
]

/** The number in `<= -1`; null where a threshold holds none, or more than one. */
export function limitOf(threshold: unknown): number | null {
  if (typeof threshold === 'number') return threshold
  if (typeof threshold !== 'string') return null
  const found = /^\s*[<>]=?\s*([+-]?\d+(?:\.\d+)?)\s*$/.exec(threshold)
  return found ? Number(found[1]) : null
}

/** The lines each lane is held against: those of its group, and what a check judges by. */
export function rulesOf(
  lanes: readonly { readonly id: LaneId; readonly group: Group | null }[],
  judgement: unknown,
): ReadonlyMap<LaneId, readonly Rule[]> {
  const checks = checksOf(judgement)
  const found = new Map<LaneId, readonly Rule[]>()
  for (const { id, group } of lanes) {
    if (!group) continue
    const plain = group.marks.map((value) => ({ value, isLimit: false }))
    const limits = LIMITS.filter((limit) => limit.group === group.id && limit.unit === group.unit)
      .map((limit) => limitOf(checks.find((check) => check.id === limit.check)?.threshold))
      .filter((value) => value !== null)
      .map((value) => ({ value, isLimit: true }))
    const flash =
      group.id === 'flash' && checks.some(({ id, threshold }) => id === 'P1' && threshold)
        ? [{ value: 0.25, isLimit: true }]
        : []
    found.set(id, [...plain, ...limits, ...flash])
  }
  return found
}

function checksOf(judgement: unknown): readonly Check[] {
  const checks = (judgement as { checks?: unknown } | null | undefined)?.checks
  return Array.isArray(checks) ? (checks as Check[]) : []
}
