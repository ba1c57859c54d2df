import { describe, expect, it } from 'vitest'
import { changedChecks, changedScores, changesState } from '../../../src/features/video/judgement/qc/difference'
import { counted, filtered, findingOf, grouped } from '../../../src/features/video/judgement/qc/grouping'
import { check, event, judgement, score } from './made'

describe('checks in groups', () => {
  const checks = [
    check('F1', 'not_applicable', { group: 'file' }),
    check('V1', 'pass'),
    check('V2', 'fail'),
    check('A1', 'fail', { group: 'audio' }),
    check('A2', 'not_evaluated', { group: 'audio' }),
    check('X1', 'warn', { group: 'strange' }),
  ]

  it('puts what needs looking at first', () => {
    expect(grouped(checks, 'state').map(({ id, checks }) => [id, checks.map((one) => one.id)])).toEqual([
      ['fail', ['V2', 'A1']],
      ['warn', ['X1']],
      ['not_evaluated', ['A2']],
      ['pass', ['V1']],
      ['not_applicable', ['F1']],
    ])
  })

  it('keeps the order of a report by group, the gravest first in each, and unknown groups last', () => {
    expect(grouped(checks, 'group').map(({ id, checks }) => [id, checks.map((one) => one.id)])).toEqual([
      ['file', ['F1']],
      ['video', ['V2', 'V1']],
      ['audio', ['A1', 'A2']],
      ['strange', ['X1']],
    ])
  })

  it('counts each state once and leaves out those there are none of', () => {
    expect(counted(checks)).toEqual([
      ['fail', 2],
      ['warn', 1],
      ['not_evaluated', 1],
      ['pass', 1],
      ['not_applicable', 1],
    ])
  })

  it('narrows by state and by every word of a search', () => {
    const text = (one: { id: string }) => `${one.id} 라우드니스 Integrated Loudness`
    expect(filtered(checks, new Set(['fail']), '', text).map((one) => one.id)).toEqual(['V2', 'A1'])
    expect(filtered(checks, new Set(), 'loud a1', text).map((one) => one.id)).toEqual(['A1'])
    expect(filtered(checks, new Set(), '라우드', text)).toHaveLength(6)
    expect(filtered(checks, new Set(['pass']), 'a1', text)).toEqual([])
  })

  it('names the check with the moment that is gone to', () => {
    expect(findingOf(check('V1', 'fail'), event(1, 2))).toEqual({
      from: 'check',
      id: 'V1',
      check: 'V1',
      span: { start: 1, end: 2 },
    })
  })
})

describe('before and after', () => {
  it('lists what differs, what changes its state before what only changes its number', () => {
    const before = judgement({
      checks: [
        check('V1', 'pass', { value: 0 }),
        check('V2', 'warn', { value: 1 }),
        check('V3', 'pass'),
        check('A1', 'fail', { threshold: '-23 +- 0.2' }),
        check('A9', 'pass'),
      ],
    })
    const after = judgement({
      checks: [
        check('V1', 'pass', { value: 1 }),
        check('V2', 'fail', { value: 1 }),
        check('V3', 'pass'),
        check('A1', 'pass', { threshold: '-17 +- 1' }),
        check('A2', 'warn'),
      ],
    })
    const changed = changedChecks(before, after)
    expect(changed.map((one) => one.id)).toEqual(['V2', 'A1', 'A2', 'A9', 'V1'])
    expect(changed.map(changesState)).toEqual([true, true, true, true, false])
    expect(changed.find((one) => one.id === 'A9')?.after).toBeNull()
    expect(changed.find((one) => one.id === 'A2')?.before).toBeNull()
  })

  it('sees other findings of the same number', () => {
    const before = judgement({ checks: [check('V1', 'fail', { events: [event(0, 1)] })] })
    const after = judgement({ checks: [check('V1', 'fail', { events: [event(0, 1), event(2, 3)] })] })
    expect(changedChecks(before, after)).toHaveLength(1)
    expect(changedChecks(before, before)).toEqual([])
  })

  it('tells scores of answers apart from those of the whole', () => {
    const before = judgement({
      scores: [score('gaze', 80), score('gaze', 70, { part: 'q1' }), score('delivery', null)],
    })
    const after = judgement({ scores: [score('gaze', 80), score('gaze', 60, { part: 'q1' }), score('delivery', 50)] })
    expect(changedScores(before, after).map(({ id, part }) => [id, part])).toEqual([
      ['delivery', null],
      ['gaze', 'q1'],
    ])
  })
})
