import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { editedRubric, rebalanced } from '../../../src/features/video/judgement/interview/rubric'

const shipped = fs.readFileSync(
  path.resolve(import.meta.dirname, '../../../../src/sightline/desks/interview/rubrics/default.yaml'),
  'utf8',
)

describe('a changed rubric', () => {
  it('changes a weight of the shipped one and no other line', () => {
    const made = editedRubric(shipped, [{ score: 'gaze', term: 'glances', weight: 0.25 }]) as string
    const [before, after] = [shipped.split('\n'), made.split('\n')]
    const changed = after.filter((line, at) => line !== before[at])
    expect(after).toHaveLength(before.length)
    expect(changed).toEqual(['        weight: 0.25'])
    const place = after.findIndex((line, at) => line !== before[at])
    expect(after[place - 1]).toBe('      glances:')
  })

  it('tells terms of one name in two scores apart', () => {
    const made = editedRubric(shipped, [{ score: 'visible_expression', term: 'smile', weight: 0.4 }]) as string
    expect(made.indexOf('weight: 0.4')).toBeGreaterThan(made.indexOf('visible_expression:'))
    expect(made.slice(0, made.indexOf('visible_expression:'))).toContain('weight: 0.3')
  })

  it('changes the formula of the metric it is for', () => {
    const formula = { metric: 'words_per_min', text: 'trapezoid(110, 150, 190, 230)' }
    const made = editedRubric(shipped, [{ score: 'delivery', term: 'rate', formula }]) as string
    expect(made).toContain('metric: words_per_min\n            formula: "trapezoid(110, 150, 190, 230)"')
    expect(made).toContain('formula: trapezoid(170, 212, 310, 350)')
  })

  it('reads what is written in one line', () => {
    const source = [
      'version: 1',
      'scores:',
      '  calm:',
      '    most: 100',
      '    bands: {good: 60, practise: 0}',
      '    terms:',
      '      on_camera:',
      '        weight: 0.7 # most of it',
      '        of:',
      '        - {metric: on_camera_share, formula: "rising(0.2, 0.6)", source: our own}',
      '      nods: {weight: 0.3, of: [{metric: nods_per_min, formula: "clip(10)", source: x}]}',
    ].join('\n')
    const made = editedRubric(source, [
      { score: 'calm', term: 'on_camera', weight: 0.6, formula: { metric: 'on_camera_share', text: 'clip(1)' } },
      { score: 'calm', term: 'nods', weight: 0.4, formula: { metric: 'nods_per_min', text: 'clip(20)' } },
    ])
    expect(made).toContain('weight: 0.6 # most of it')
    expect(made).toContain('{metric: on_camera_share, formula: "clip(1)", source: our own}')
    expect(made).toContain('nods: {weight: 0.4, of: [{metric: nods_per_min, formula: "clip(20)", source: x}]}')
  })

  it('says so where a term cannot be found', () => {
    expect(editedRubric(shipped, [{ score: 'gaze', term: 'none', weight: 0.5 }])).toBeNull()
    expect(editedRubric('scores: {gaze: {}}', [{ score: 'gaze', term: 'a', weight: 0.5 }])).toBeNull()
  })
})

describe('weights', () => {
  it('add up to 1 after one of them was changed', () => {
    const made = rebalanced({ a: 0.5, b: 0.2, c: 0.15, d: 0.15 }, 'b', 1 / 3)
    expect(Object.values(made).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
    expect(made.b).toBe(0.3333)
    expect((made.a as number) / (made.c as number)).toBeCloseTo(0.5 / 0.15, 2)
  })

  it('leave something for the others', () => {
    const made = rebalanced({ a: 0.5, b: 0.5 }, 'a', 5)
    expect(made).toEqual({ a: 0.99, b: 0.01 })
    expect(rebalanced({ a: 1 }, 'a', 0.2)).toEqual({ a: 1 })
  })
})
