import { describe, expect, it } from 'vitest'
import { bandsOf } from '../../../src/features/video/judgement/interview/bands'
import {
  formulaOf,
  formulaText,
  missingWeight,
  mostPoints,
  plotOf,
  pointsOf,
  shareOf,
} from '../../../src/features/video/judgement/interview/formula'
import { rangeBar } from '../../../src/features/video/judgement/interview/ranges'
import { metric, score, term } from './made'

const share = (text: string, value: number) =>
  shareOf(formulaOf(text) as NonNullable<ReturnType<typeof formulaOf>>, value)

describe('formulas', () => {
  it.each([
    ['trapezoid(1, 2, 3, 5)', 1.5, 0.5],
    ['trapezoid(1, 2, 3, 5)', 2.5, 1],
    ['trapezoid(1, 2, 3, 5)', 4, 0.5],
    ['trapezoid(1, 2, 3, 5)', 9, 0],
    ['rising(0.2, 0.6)', 0.4, 0.5],
    ['rising(2, 2)', 2, 1],
    ['falling(3, 10)', 10, 0],
    ['falling(2, 2)', 2, 1],
    ['one_minus(30)', 15, 0.5],
    ['clip(10)', 40, 1],
    ['table(0, 0, 0.4, 0.5, 0.6, 1, 1, 0)', 0.59, 0.5],
    ['table(0, 0, 0.4, 0.5, 0.6, 1, 1, 0)', 1, 0],
    ['old_blink()', 17, 1],
    ['old_blink()', 12, 0.8],
    ['old_blink()', 27.5, 0.5],
  ])('%s of %d is %d', (text, value, worth) => {
    expect(share(text, value)).toBeCloseTo(worth, 9)
  })

  it.each([
    '',
    'rising(1)',
    'rising(2, 1)',
    'clip(0)',
    'eval(1)',
    'clip(x)',
    'table(1)',
    'rising(1,,2)',
    'visible / 60',
  ])('refuses %j', (text) => {
    expect(formulaOf(text)).toBeNull()
  })

  it('are written as they are read', () => {
    expect(formulaText(formulaOf(' rising( 0.2,0.60 )') as never)).toBe('rising(0.2, 0.6)')
  })

  it('are drawn with the value on the curve', () => {
    const formula = formulaOf('rising(0.2, 0.6)') as NonNullable<ReturnType<typeof formulaOf>>
    const { at, from, to, line } = plotOf(formula, 0.4, 100, 40)
    expect(at?.[0]).toBeCloseTo((0.4 - from) / (to - from))
    expect(at?.[1]).toBeCloseTo(0.5)
    expect(line.startsWith('M0.0 ')).toBe(true)
    expect(plotOf(formula, null, 100, 40).at).toBeNull()
  })
})

describe('terms', () => {
  const terms = [
    term('a', 0.5, { applied: 0.625, points: 50 }),
    term('b', 0.3, { applied: 0.375, share: 0.5, points: 18.75 }),
    term('c', 0.2, { applied: 0, share: null, points: null }),
  ]

  it('add up to the points of their score', () => {
    expect(pointsOf(score('gaze', 68.75, { terms }))).toBeCloseTo(68.75)
    expect(missingWeight(terms)).toBeCloseTo(0.2)
    expect(mostPoints(terms[0] as never, 100)).toBeCloseTo(62.5)
  })

  it('give no sum where no term has points', () => {
    expect(pointsOf(score('gaze', null, { terms: [term('c', 1, { points: null })] }))).toBeNull()
  })
})

describe('small pictures', () => {
  it('put bands from the lowest up', () => {
    const { bands, value, spread } = bandsOf(
      score('gaze', 85, {
        bands: [
          ['excellent', 80],
          ['good', 60],
          ['practise', 0],
        ],
        low: 70,
        high: 90,
      }),
    )
    expect(bands.map(({ id, from, to }) => [id, from, to])).toEqual([
      ['practise', 0, 0.6],
      ['good', 0.6, 0.8],
      ['excellent', 0.8, 1],
    ])
    expect([value, spread]).toEqual([0.85, [0.7, 0.9]])
  })

  it('put a value where it lies in its range', () => {
    const bar = rangeBar(
      metric('blinks', { value: 21.5, unit: '1/min', reference: { low: 10.5, high: 32.5, source: 'x' } }),
    )
    expect(bar?.value).toBeCloseTo(((bar?.low ?? 0) + (bar?.high ?? 0)) / 2)
    expect(rangeBar(metric('none'))).toBeNull()
    expect(rangeBar(metric('open', { value: 0.9, reference: { low: 0.6, high: null, source: 'x' } }))).toMatchObject({
      high: 1,
    })
  })
})
