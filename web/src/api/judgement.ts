import type { Schemas } from './client'

/**
 * What stands in `AnalysisDetail.judgement` and `.feedback`, which the OpenAPI document leaves open: as
 * src/sightline/desks/judgement_json.py and src/sightline/insight/claims.py write it. Numbers that are not finite are
 * null. Times stand there twice: as exact fractions (`start`) and as seconds (`start_s`).
 */
export type Scalar = string | number | boolean | null
export type Details = Readonly<Record<string, Scalar>>

/** A sentence in every language. */
export interface Message {
  readonly key: string
  readonly fields: Details
  readonly text: { readonly en: string; readonly ko: string }
}

export interface Times {
  readonly start_s: number
  readonly end_s: number
  /** Exact seconds, `n/d`. */
  readonly start: string
  readonly end: string
}

export interface Event extends Times {
  readonly kind: string
  readonly start_frame: number | null
  readonly end_frame: number | null
  readonly severity: 'info' | 'warning' | 'error'
  readonly confidence: number
  readonly evidence: Details
  readonly labels: readonly string[]
}

export type CheckState = 'pass' | 'warn' | 'fail' | 'not_applicable' | 'not_evaluated' | 'waived'
export type Verdict = 'pass' | 'warn' | 'fail'

export interface Check {
  /** `V1`. */
  readonly id: string
  readonly name: string
  /** `file`, `video`, `flash` or `audio`. */
  readonly group: string
  readonly state: CheckState
  readonly value: Scalar
  readonly unit: string | null
  /** As applied: `<= -1.0`. */
  readonly threshold: Scalar
  /** Document the threshold comes from. */
  readonly source: string | null
  readonly reason: Message | null
  readonly events: readonly Event[]
  readonly details: Details
  readonly fix: { readonly action: Message; readonly value: number; readonly unit: string } | null
  readonly waiver: { readonly check: string; readonly who: string; readonly why: string } | null
}

/** A stretch that is judged by itself as well: the answer to a question. */
export interface Part extends Times {
  readonly id: string
  readonly title: string
}

export interface Metric {
  readonly id: string
  readonly group: string
  /** The answer it is of; null: the whole. */
  readonly part: string | null
  /** Null: not evaluated, and `reason` says why. */
  readonly value: number | null
  readonly unit: string
  /** Observations it is made of. */
  readonly n: number
  /** Share of its time that could be measured. */
  readonly coverage: number
  readonly quality: number | null
  /** A 90 % interval. */
  readonly low: number | null
  readonly high: number | null
  readonly reference: { readonly low: number | null; readonly high: number | null; readonly source: string } | null
  readonly place: 'below' | 'within' | 'above' | null
  readonly method: string
  readonly reason: Message | null
  readonly spans: readonly Times[]
  readonly details: Details
}

export interface Term {
  readonly id: string
  /** As the rubric has it. */
  readonly weight: number
  /** After the weights of missing terms were shared out. */
  readonly applied: number
  readonly metric: string | null
  readonly value: number | null
  /** What the formula makes of the value, 0 to 1; null: left out, and `reason` says why. */
  readonly share: number | null
  readonly formula: string
  /** `share * applied * most`. */
  readonly points: number | null
  readonly reason: Message | null
}

export interface Score {
  readonly id: string
  readonly part: string | null
  readonly most: number
  readonly standing: 'scored' | 'insufficient_evidence' | 'not_evaluated'
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  /** Weight of the terms that had enough evidence. */
  readonly coverage: number
  readonly band: string | null
  /** Every band with its least points, the highest first. */
  readonly bands: readonly (readonly [string, number])[]
  readonly reason: Message | null
  readonly terms: readonly Term[]
}

export interface Judgement {
  readonly desk: string
  readonly template: string
  readonly template_sha256: string
  readonly verdict: Verdict | null
  readonly not_evaluated: number
  readonly checks: readonly Check[]
  readonly scores?: readonly Score[]
  readonly metrics?: readonly Metric[]
  readonly parts?: readonly Part[]
  readonly notes?: Details
}

export interface Claim {
  readonly topic: 'summary' | 'strength' | 'practise' | 'advice' | 'answer'
  readonly text: string
  /** Ids of the metrics it rests on. */
  readonly metrics: readonly string[]
  readonly spans: readonly Times[]
  readonly part: string | null
}

export interface Category {
  readonly id: string
  readonly title: string
  readonly score: number
  readonly words: readonly string[]
  readonly spans: readonly Times[]
}

export interface Feedback {
  readonly language: string
  readonly source: 'templates' | 'model'
  readonly claims: readonly Claim[]
  readonly categories: readonly Category[]
  readonly provider: string | null
  readonly model: string | null
  readonly prompt: string | null
  readonly note: { readonly key: string; readonly fields: Details; readonly text?: Message['text'] } | null
  /** Sentences of the model that were thrown away because their evidence does not exist. */
  readonly rejected: number
  readonly cost_usd: number | null
  readonly tokens_in: number | null
  readonly tokens_out: number | null
  readonly details: Readonly<Record<string, string>>
}

/** A finding somebody accepted, as it was asked for. Times as a waiver file has them: `12.5`, `0:58`, a timecode. */
export interface Waiver {
  readonly check: string
  readonly who: string
  readonly why: string
  readonly start?: string
  readonly end?: string
  readonly sha256?: string
  /** The last day it holds. */
  readonly expires?: string
}

type Detail = Schemas['AnalysisDetail']

/** Null until it is done. */
export function judgementOf(analysis: Detail): Judgement | null {
  return (analysis.judgement ?? null) as Judgement | null
}

export function feedbackOf(analysis: Detail): Feedback | null {
  return (analysis.feedback ?? null) as Feedback | null
}

export function waiversOf(analysis: { readonly waivers: readonly unknown[] }): readonly Waiver[] {
  return analysis.waivers as readonly Waiver[]
}
