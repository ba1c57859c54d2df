import type { Metric } from '@/api/judgement'
import type { Language } from '@/state/language'

const GROUPS = ['gaze', 'face', 'emotion', 'speech', 'voice', 'posture', 'picture', 'sound', 'cues']

/** Metrics by group, in the order of a report; what the recording is like comes last but for the cues. */
export function byGroup(metrics: readonly Metric[]): readonly (readonly [string, readonly Metric[]])[] {
  const found = new Map<string, Metric[]>()
  for (const metric of metrics) {
    const there = found.get(metric.group)
    if (there) there.push(metric)
    else found.set(metric.group, [metric])
  }
  const rank = (group: string) => (GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length)
  return [...found].toSorted((a, b) => rank(a[0]) - rank(b[0]))
}

/** Those that could not be measured, by why: what most of them lack first. */
export function byReason(
  metrics: readonly Metric[],
  language: Language,
): readonly (readonly [string, readonly Metric[]])[] {
  const found = new Map<string, Metric[]>()
  for (const metric of metrics) {
    const reason = metric.reason?.text[language] ?? '–'
    const there = found.get(reason)
    if (there) there.push(metric)
    else found.set(reason, [metric])
  }
  return [...found].toSorted((a, b) => b[1].length - a[1].length)
}
