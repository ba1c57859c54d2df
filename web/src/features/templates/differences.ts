type Told = Record<string, unknown>

/** A check, as far as it can change when it is judged by something else. */
export interface CheckSide {
  readonly state: string
  readonly threshold: unknown
  readonly value: unknown
  readonly unit: string | null
}

export interface CheckDifference {
  readonly id: string
  readonly group: string
  readonly before: CheckSide | null
  readonly after: CheckSide | null
  /** The state is another; otherwise only the limit moved. */
  readonly isTurned: boolean
}

export interface ScoreDifference {
  readonly id: string
  readonly part: string | null
  readonly most: number
  readonly before: ScoreSide | null
  readonly after: ScoreSide | null
  readonly isChanged: boolean
}

export interface ScoreSide {
  readonly value: number | null
  readonly most: number
  readonly band: string | null
  readonly standing: string
}

export interface Differences {
  readonly verdict: { readonly before: string | null; readonly after: string | null }
  readonly checks: readonly CheckDifference[]
  /** How many checks stay as they are. */
  readonly same: number
  readonly scores: readonly ScoreDifference[]
}

const list = (plain: Told | null | undefined, name: string): readonly Told[] =>
  Array.isArray(plain?.[name]) ? (plain[name] as Told[]) : []
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const amount = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** What another template or rubric makes of the same measurements. The states that turn come first. */
export function differences(before: Told | null | undefined, after: Told | null | undefined): Differences {
  const checks = paired(list(before, 'checks'), list(after, 'checks'), (one) => String(one.id)).map(
    ([a, b]): CheckDifference => {
      const [was, is] = [a && checkSide(a), b && checkSide(b)]
      const known = (b ?? a) as Told
      return {
        id: String(known.id),
        group: String(known.group),
        before: was ?? null,
        after: is ?? null,
        isTurned: was?.state !== is?.state,
      }
    },
  )
  const changed = checks.filter((one) => one.isTurned || one.before?.threshold !== one.after?.threshold)
  return {
    verdict: { before: text(before?.verdict), after: text(after?.verdict) },
    checks: [...changed.filter((one) => one.isTurned), ...changed.filter((one) => !one.isTurned)],
    same: checks.length - changed.length,
    scores: paired(list(before, 'scores'), list(after, 'scores'), (one) => `${one.part ?? ''}/${one.id}`).map(scores),
  }
}

function checkSide(plain: Told): CheckSide {
  const { state, threshold, value, unit } = plain
  return { state: String(state), threshold: threshold ?? null, value: value ?? null, unit: text(unit) }
}

function scores([a, b]: readonly [Told | undefined, Told | undefined]): ScoreDifference {
  const known = (b ?? a) as Told
  const [was, is] = [a ? scoreSide(a) : null, b ? scoreSide(b) : null]
  return {
    id: String(known.id),
    part: text(known.part),
    most: amount(known.most) ?? 100,
    before: was,
    after: is,
    isChanged: JSON.stringify(was) !== JSON.stringify(is),
  }
}

function scoreSide(plain: Told): ScoreSide {
  return {
    value: amount(plain.value),
    most: amount(plain.most) ?? 100,
    band: text(plain.band),
    standing: String(plain.standing),
  }
}

function paired(a: readonly Told[], b: readonly Told[], key: (one: Told) => string) {
  const byKey = new Map(a.map((one) => [key(one), one]))
  const keys = new Set([...b.map(key), ...byKey.keys()])
  const after = new Map(b.map((one) => [key(one), one]))
  return [...keys].map((one) => [byKey.get(one), after.get(one)] as const)
}
