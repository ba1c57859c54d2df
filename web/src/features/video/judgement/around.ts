import type { Check, Claim, Event, Feedback, Judgement, Metric, Times } from '@/api/judgement'
import { type Seconds, seconds } from '@/state/seconds'
import type { Finding } from '../playback'

export function spanOf(times: Pick<Times, 'start_s' | 'end_s'>): { start: Seconds; end: Seconds } {
  return { start: seconds(times.start_s), end: seconds(times.end_s) }
}

const NEAR_S = 0.0015

/** Whether a finding is of these times: lanes may round to milliseconds. */
export function isAt(finding: Pick<Finding, 'span'>, times: Pick<Times, 'start_s' | 'end_s'>): boolean {
  return Math.abs(finding.span.start - times.start_s) < NEAR_S && Math.abs(finding.span.end - times.end_s) < NEAR_S
}

export interface Held {
  readonly check: Check
  readonly event: Event
}

/** The checks that hold what was found against the media, the one that was pointed at first. */
export function heldBy(judgement: Judgement, finding: Finding): readonly Held[] {
  const held: Held[] = []
  for (const check of judgement.checks) {
    if (finding.from === 'check' && check.id !== finding.id) continue
    const event = check.events.find(
      (one) => isAt(finding, one) && (finding.from !== 'event' || one.kind === finding.id),
    )
    if (event) held.push({ check, event })
  }
  return held.toSorted((a, b) => Number(b.check.id === finding.check) - Number(a.check.id === finding.check))
}

const OPEN = new Set(['fail', 'warn', 'waived'])

/** Everything a person may step through with next and previous, in order of time. */
export function stepsOf(judgement: Judgement, feedback: Feedback | null, finding: Finding): readonly Finding[] {
  switch (finding.from) {
    case 'check':
      return sorted(
        judgement.checks
          .filter((check) => OPEN.has(check.state) || check.id === finding.id)
          .flatMap((check) =>
            check.events.map((event) => ({
              from: 'check' as const,
              id: check.id,
              check: check.id,
              span: spanOf(event),
            })),
          ),
      )
    case 'metric': {
      const metric = metricOf(judgement, finding.id)
      return (metric?.spans ?? []).map((span) => ({ from: 'metric' as const, id: finding.id, span: spanOf(span) }))
    }
    case 'claim':
      return (feedback?.claims[Number(finding.id)]?.spans ?? []).map((span) => ({
        from: 'claim' as const,
        id: finding.id,
        span: spanOf(span),
      }))
    default:
      return []
  }
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
}

/** Of the whole before any of an answer. */
export function metricOf(judgement: Judgement, id: string, part: string | null = null): Metric | undefined {
  const metrics = judgement.metrics ?? []
  return (
    metrics.find((metric) => metric.id === id && metric.part === part) ?? metrics.find((metric) => metric.id === id)
  )
}

/** Which step a finding is; -1: none of them. */
export function placeOf(steps: readonly Finding[], finding: Finding): number {
  return steps.findIndex(
    (one) =>
      one.from === finding.from &&
      one.id === finding.id &&
      isAt(one, { start_s: finding.span.start, end_s: finding.span.end }),
  )
}

/** Where a click on what a sentence cites goes: its moment, else that of its first metric that has one. */
export function citationOf(judgement: Judgement, claim: Claim, number: number): Finding | null {
  const [span] = claim.spans
  if (span) return { from: 'claim', id: String(number), span: spanOf(span) }
  for (const id of claim.metrics) {
    const found = metricFinding(judgement, id, claim.part)
    if (found) return found
  }
  return null
}

/** The first moment of a metric; null where it has none. */
export function metricFinding(judgement: Judgement, id: string, part: string | null = null): Finding | null {
  const span = metricOf(judgement, id, part)?.spans[0]
  return span ? { from: 'metric', id, span: spanOf(span) } : null
}

/** The address of a moment of what is looked at. */
export function momentLink(href: string, at: number): string {
  const url = new URL(href)
  url.searchParams.set('t', String(Math.max(0, Math.floor(at * 1000) / 1000)))
  return url.toString()
}
