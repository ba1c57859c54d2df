import type { Check, Event, Judgement, Metric, Score, Term } from '../../../src/api/judgement'

export function event(start_s: number, end_s: number, more: Partial<Event> = {}): Event {
  return {
    kind: 'black', start_s, end_s, start: String(start_s), end: String(end_s), start_frame: null, end_frame: null,
    severity: 'warning', confidence: 1, evidence: {}, labels: [], ...more,
  } // biome-ignore format: one event
}

export function check(id: string, state: Check['state'], more: Partial<Check> = {}): Check {
  return {
    id, state, name: id.toLowerCase(), group: 'video', value: null, unit: null, threshold: null, source: null,
    reason: null, events: [], details: {}, fix: null, waiver: null, ...more,
  } // biome-ignore format: one check
}

export function term(id: string, weight: number, more: Partial<Term> = {}): Term {
  return {
    id, weight, applied: weight, metric: id, value: 1, share: 1, formula: 'clip(1)', points: weight * 100,
    reason: null, ...more,
  } // biome-ignore format: one term
}

export function score(id: string, value: number | null, more: Partial<Score> = {}): Score {
  return {
    id, value, part: null, most: 100, standing: value === null ? 'insufficient_evidence' : 'scored', low: null,
    high: null, coverage: 1, band: null, bands: [['good', 60], ['practise', 0]], reason: null, terms: [], ...more,
  } // biome-ignore format: one score
}

export function metric(id: string, more: Partial<Metric> = {}): Metric {
  return {
    id, group: 'gaze', part: null, value: 1, unit: 'share', n: 1, coverage: 1, quality: null, low: null, high: null,
    reference: null, place: null, method: '', reason: null, spans: [], details: {}, ...more,
  } // biome-ignore format: one metric
}

export function judgement(more: Partial<Judgement> = {}): Judgement {
  return {
    desk: 'qc', template: 'default', template_sha256: '', verdict: 'pass', not_evaluated: 0, checks: [], ...more,
  } // biome-ignore format: one judgement
}
