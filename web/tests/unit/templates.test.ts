import { describe, expect, it } from 'vitest'
import { differences } from '@/features/templates/differences'
import { corners, formulaOf } from '@/features/templates/formula'
import { lineRange, problemsByLine } from '@/features/templates/problems'
import { keptAmount, listOf, shownAmount, titled, titleOf, valuesIn } from '@/features/templates/thresholds'
import { setYaml, yamlEntries } from '@/features/templates/yaml'
import { removeToml, setToml, tomlEntries, tomlHas } from '@/state/toml'

const HOUSE = `extends = "ebu-r128"   # the union's

[title]
en = "Our house"

[checks.A1]
tolerance_lu = 0.5  # agreed in spring
source = "House rules # 2026"

[[rules]]
kind = "black"
label = "tail"
to = "info"
`
const A1 = (name: string) => ['checks', 'A1', name]

describe('a threshold in a TOML text', () => {
  it('is changed in its place, and the comment beside it stays', () => {
    const changed = setToml(HOUSE, A1('tolerance_lu'), 1) as string
    expect(changed).toBe(HOUSE.replace('tolerance_lu = 0.5  #', 'tolerance_lu = 1  #'))
  })

  it('comes back as it was when it is set and taken away again', () => {
    const added = setToml(HOUSE, A1('target_lufs'), -24) as string
    expect(added).toContain('source = "House rules # 2026"\ntarget_lufs = -24\n\n[[rules]]')
    expect(removeToml(added, A1('target_lufs'))).toBe(HOUSE)
  })

  it('gets a table of its own among those of its kind, and leaves none behind', () => {
    const path = ['checks', 'V3', 'min_duration_s']
    const added = setToml(HOUSE, path, 5) as string
    expect(added).toContain('[checks.V3]\nmin_duration_s = 5\n\n[[rules]]')
    expect(removeToml(added, path)).toBe(HOUSE)
  })

  it('is added to a text that has no table yet', () => {
    expect(setToml('extends = "dpp"', ['checks', 'A1', 'target_lufs'], -23)).toBe(
      'extends = "dpp"\n\n[checks.A1]\ntarget_lufs = -23\n',
    )
    expect(setToml('', ['checks', 'V1', 'state'], 'off')).toBe('[checks.V1]\nstate = "off"\n')
  })

  it('keeps the dotted way of writing', () => {
    const dotted = '[checks]\nA1.target_lufs = -23.0\n'
    expect(setToml(dotted, A1('tolerance_lu'), 2)).toBe('[checks]\nA1.target_lufs = -23.0\nA1.tolerance_lu = 2\n')
  })

  it('cannot be set where its table stands in braces', () => {
    expect(setToml('checks = { A1 = { target_lufs = -23.0 } }', A1('target_lufs'), -24)).toBeNull()
  })

  it('may be a list over several lines, or hold what looks like a comment', () => {
    const listed = '[checks.F1]\ncontainers = [\n  "mov", # Apple\n  "mp4",\n]\nsource = """a\nb = 1"""\n'
    expect(tomlEntries(listed).map((one) => one.path.join('.'))).toEqual(['checks.F1.containers', 'checks.F1.source'])
    expect(setToml(listed, ['checks', 'F1', 'containers'], ['mxf'])).toBe(
      '[checks.F1]\ncontainers = ["mxf"]\nsource = """a\nb = 1"""\n',
    )
  })

  it('is not taken for that of a rule', () => {
    expect(tomlHas(HOUSE, ['rules', 'kind'])).toBe(false)
    expect(tomlHas(HOUSE, A1('source'))).toBe(true)
  })

  it('does not stumble over a text that is no TOML', () => {
    for (const broken of ['[[[', '= 3', 'a = "', 'a = [1,\n', '[checks.A1\nx = 1']) {
      expect(() => setToml(broken, A1('target_lufs'), 1)).not.toThrow()
      expect(() => removeToml(broken, A1('x'))).not.toThrow()
    }
  })
})

const RUBRIC = `version: 1
title: {en: "Our coaching: calm", ko: 우리 코칭}
scores:
  calm_gaze:
    most: 100   # points
    bands: {good: 60, practise: 0}
    terms:
      on_camera:
        weight: 0.7
        of:
          - {metric: on_camera_share, formula: "rising(0.2, 0.6)", source: our own}
          - metric: glances_per_min
            formula: one_minus(30)
            source: >
              weight: 9
              a long one
      nods:
        weight: 0.3
        of:
          - {metric: nods_per_min, formula: "trapezoid(0, 1, 10, 20)", source: our own}
`

describe('a number in a YAML text', () => {
  it('is found in blocks, in braces and in lists', () => {
    const paths = yamlEntries(RUBRIC).map((one) => one.path.join('.'))
    expect(paths).toContain('scores.calm_gaze.bands.good')
    expect(paths).toContain('scores.calm_gaze.terms.on_camera.of.0.formula')
    expect(paths).toContain('scores.calm_gaze.terms.on_camera.of.1.formula')
    expect(paths).toContain('scores.calm_gaze.terms.nods.weight')
    expect(paths.filter((path) => path.endsWith('weight'))).toHaveLength(2)
  })

  it('is changed in its place, and comes back', () => {
    const path = ['scores', 'calm_gaze', 'most']
    const changed = setYaml(RUBRIC, path, 60) as string
    expect(changed).toBe(RUBRIC.replace('most: 100   #', 'most: 60   #'))
    expect(setYaml(changed, path, 100)).toBe(RUBRIC)
  })

  it('keeps quotes where a comma would end a value', () => {
    const of = ['scores', 'calm_gaze', 'terms', 'on_camera', 'of']
    expect(setYaml(RUBRIC, [...of, '0', 'formula'], 'falling(1, 2)')).toContain('formula: "falling(1, 2)", source')
    expect(setYaml(RUBRIC, [...of, '1', 'formula'], 'falling(1, 2)')).toContain('formula: falling(1, 2)\n')
  })

  it('stays a text where YAML would take it for something else', () => {
    expect(setYaml('a: x', ['a'], 'no')).toBe('a: "no"')
    expect(setYaml('a: x', ['a'], 'news')).toBe('a: news')
  })

  it('is not set where there is none', () => {
    expect(setYaml(RUBRIC, ['scores', 'calm_gaze', 'least'], 1)).toBeNull()
    for (const broken of ['{', 'a: {b', '- - -', 'a:\n  - {', ':']) expect(setYaml(broken, ['a'], 1)).toBeNull()
  })
})

describe('a copy', () => {
  it('is called by its own name, in the languages it had a title in', () => {
    expect(titled('qc', HOUSE, 'news')).toBe(HOUSE.replace('"Our house"', '"news"'))
    const rubric = titled('interview', RUBRIC, 'news 2')
    expect(
      titleOf({ desk: 'interview', name: 'n', title: {}, description: {}, is_shipped: false, source: rubric }),
    ).toEqual({
      en: 'news 2',
      ko: 'news 2',
    })
  })
})

describe('what a text says itself', () => {
  it('is told apart from what it leaves to others and from what is not understood', () => {
    const own = valuesIn('qc', `${HOUSE}[checks.F1]\ncontainers = ["mov", "mp4",]\nstart = 07:00:00\nrates = ['25']\n`)
    expect(own(A1('tolerance_lu'))).toBe(0.5)
    expect(own(A1('target_lufs'))).toBeUndefined()
    expect(own(['checks', 'F1', 'containers'])).toEqual(['mov', 'mp4'])
    expect(own(['checks', 'F1', 'start'])).toBeNull()
    expect(own(['extends'])).toBe('ebu-r128')
  })

  it('keeps shares free of what binary fractions add', () => {
    expect(shownAmount(0.07, 'share')).toBe(7)
    expect(keptAmount(shownAmount(0.29, 'share'), 'share')).toBe(0.29)
    expect(listOf('bit_depths', ['8', '10'])).toEqual([8, 10])
    expect(listOf('rates', ['25'])).toEqual(['25'])
  })
})

describe('problems', () => {
  const problem = (line: number | null) => ({ code: 'x', message: { en: 'x' }, where: null, line })

  it('stand at their line, at the last one where the text has become shorter, and at none without one', () => {
    const found = problemsByLine([problem(2), problem(99), problem(null), problem(2)], 5)
    expect([...found].map(([line, all]) => [line, all.length])).toEqual([
      [2, 2],
      [5, 1],
      [0, 1],
    ])
  })

  it('know where their line begins and ends', () => {
    expect(lineRange('ab\ncde\nf', 2)).toEqual([3, 6])
    expect(lineRange('ab\ncde\nf', 3)).toEqual([7, 8])
    expect(lineRange('ab', 9)).toEqual([2, 2])
  })
})

describe('what changes when something else judges', () => {
  const check = (id: string, state: string, threshold: string | null = null) => ({
    id, group: 'audio', state, threshold, value: 1, unit: 'lufs',
  }) // biome-ignore format: one check, one line

  it('names the checks that turn first, then those whose limit moved, and counts the rest', () => {
    const before = { verdict: 'pass', checks: [check('A1', 'pass', '<= 1'), check('A2', 'pass'), check('A3', 'pass')] }
    const after = { verdict: 'fail', checks: [check('A1', 'pass', '<= 2'), check('A2', 'fail'), check('A3', 'pass')] }
    const found = differences(before, after)
    expect(found.verdict).toEqual({ before: 'pass', after: 'fail' })
    expect(found.checks.map((one) => [one.id, one.isTurned])).toEqual([
      ['A2', true],
      ['A1', false],
    ])
    expect(found.same).toBe(1)
  })

  it('names a check that comes or goes', () => {
    const found = differences({ checks: [check('A1', 'pass')] }, { checks: [check('V1', 'warn')] })
    expect(found.checks.map((one) => [one.id, one.before?.state, one.after?.state])).toEqual([
      ['V1', undefined, 'warn'],
      ['A1', 'pass', undefined],
    ])
  })

  it('tells scores of the whole and of answers apart', () => {
    const score = (value: number, part: string | null) => ({ id: 'gaze', part, value, most: 100, standing: 'scored' })
    const found = differences(
      { scores: [score(50, null), score(50, 'q1')] },
      { scores: [score(60, null), score(50, 'q1')] },
    )
    expect(found.scores.map((one) => [one.part, one.isChanged])).toEqual([
      [null, true],
      ['q1', false],
    ])
  })

  it('is nothing where nothing was judged', () => {
    expect(differences(null, undefined)).toEqual({
      verdict: { before: null, after: null },
      checks: [],
      same: 0,
      scores: [],
    })
  })
})

describe('a formula', () => {
  it('is drawn with every corner', () => {
    const line = corners(formulaOf('trapezoid(0, 2, 4, 10)') as NonNullable<ReturnType<typeof formulaOf>>)
    expect(line?.slice(1, -1)).toEqual([
      [0, 0],
      [2, 1],
      [4, 1],
      [10, 0],
    ])
  })

  it('is none where it is none', () => {
    expect(formulaOf('rising(a, 2)')).toBeNull()
    expect(formulaOf('rising(1, 2')).toBeNull()
  })
})
