import { describe, expect, it } from 'vitest'
import type { Claim } from '../../../src/api/judgement'
import {
  citationOf,
  heldBy,
  isAt,
  metricFinding,
  momentLink,
  placeOf,
  stepsOf,
} from '../../../src/features/video/judgement/around'
import { countedWords } from '../../../src/features/video/judgement/interview/citing'
import { seconds } from '../../../src/state/seconds'
import { check, event, judgement, metric } from './made'

const times = (start_s: number, end_s: number) => ({ start_s, end_s, start: String(start_s), end: String(end_s) })
const claim = (more: Partial<Claim>): Claim => ({
  topic: 'strength',
  text: '',
  metrics: [],
  spans: [],
  part: null,
  ...more,
})
const span = (start: number, end: number) => ({ start: seconds(start), end: seconds(end) })

describe('what a sentence cites', () => {
  const judged = judgement({
    metrics: [
      metric('pause_share', { spans: [times(4, 5)] }),
      metric('gaze_sd'),
      metric('pause_share', { part: 'q1', spans: [times(9, 10)] }),
    ],
  })

  it('is its own moment first', () => {
    expect(citationOf(judged, claim({ spans: [times(1, 2)], metrics: ['pause_share'] }), 3)).toEqual({
      from: 'claim',
      id: '3',
      span: span(1, 2),
    })
  })

  it('is else the moment of the first metric that has one, of the answer it is about', () => {
    expect(citationOf(judged, claim({ metrics: ['gaze_sd', 'pause_share'] }), 0)).toEqual({
      from: 'metric',
      id: 'pause_share',
      span: span(4, 5),
    })
    expect(citationOf(judged, claim({ metrics: ['pause_share'], part: 'q1' }), 0)?.span).toEqual(span(9, 10))
    expect(citationOf(judged, claim({ metrics: ['gaze_sd', 'unknown'] }), 0)).toBeNull()
    expect(metricFinding(judged, 'gaze_sd')).toBeNull()
  })

  it('counts words that come again', () => {
    expect(countedWords(['team', 'plan', 'Team'])).toEqual(['team ×2', 'plan'])
  })
})

describe('what was pointed at', () => {
  const black = event(1, 2)
  const freeze = event(1, 2, { kind: 'freeze' })
  const judged = judgement({
    checks: [
      check('V1', 'pass', { events: [black] }),
      check('V3', 'fail', { events: [freeze, event(8, 9, { kind: 'freeze' })] }),
      check('V2', 'warn', { events: [event(4, 5)] }),
    ],
  })

  it('is found in the checks that hold it, whichever rounding the lanes have', () => {
    const held = heldBy(judged, { from: 'event', id: 'freeze', span: span(1.0004, 2.0004) })
    expect(held.map((one) => one.check.id)).toEqual(['V3'])
    expect(heldBy(judged, { from: 'check', id: 'V1', check: 'V1', span: span(1, 2) }).map((one) => one.event)).toEqual([
      black,
    ])
    expect(heldBy(judged, { from: 'event', id: 'shot', span: span(1, 2) })).toEqual([])
    expect(isAt({ span: span(1, 2) }, { start_s: 1.01, end_s: 2 })).toBe(false)
  })

  it('has the open findings before and after it, in order of time', () => {
    const finding = { from: 'check', id: 'V2', check: 'V2', span: span(4, 5) } as const
    const steps = stepsOf(judged, null, finding)
    expect(steps.map((one) => [one.id, one.span.start])).toEqual([
      ['V3', 1],
      ['V2', 4],
      ['V3', 8],
    ])
    expect(placeOf(steps, finding)).toBe(1)
    expect(placeOf(steps, { ...finding, id: 'V9' })).toBe(-1)
  })

  it('has an address of its own', () => {
    expect(momentLink('http://a/videos/1?analysis=x&t=3', 12.34567)).toBe('http://a/videos/1?analysis=x&t=12.345')
    expect(momentLink('http://a/videos/1', -1)).toBe('http://a/videos/1?t=0')
  })
})
