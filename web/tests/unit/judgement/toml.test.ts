import { describe, expect, it } from 'vitest'
import { edited, extending } from '@/features/video/judgement/qc/toml'
import { quoted, tomlOf } from '@/state/toml'

const edits = (check: string, values: Record<string, never[] | string | number | boolean>) => new Map([[check, values]])

describe('values of TOML', () => {
  it('are escaped where they have to be', () => {
    expect(quoted('say "no" \\ to\nlines\ttabs\u0000\u007f')).toBe(
      '"say \\"no\\" \\\\ to\\nlines\\ttabs\\u0000\\u007f"',
    )
    expect(quoted('한국어 🎬 é')).toBe('"한국어 🎬 é"')
    expect(quoted('half \ud83d pair')).toBe('"half \ufffd pair"')
  })

  it('are numbers, truths and lists', () => {
    expect(tomlOf(-24)).toBe('-24')
    expect(tomlOf(0.1)).toBe('0.1')
    expect(tomlOf(1e-7)).toBe('1e-7')
    expect(tomlOf(Number.POSITIVE_INFINITY)).toBe('inf')
    expect(tomlOf(true)).toBe('true')
    expect(tomlOf(['h264', 'a"b', 48000])).toBe('["h264", "a\\"b", 48000]')
    expect(tomlOf([])).toBe('[]')
  })
})

describe('a changed template', () => {
  it('builds on a shipped one', () => {
    expect(edited(extending('ebu-r128'), edits('A1', { target_lufs: -24, state: 'warn' }))).toBe(
      'extends = "ebu-r128"\n\n[checks.A1]\ntarget_lufs = -24\nstate = "warn"\n',
    )
  })

  it('replaces a value where it stands and leaves all else as it was written', () => {
    const source = [
      '# ours',
      'extends = "ebu-r128" # the standard',
      '',
      '[checks.A1]   # loudness',
      'tolerance_lu = 0.5 # house rule',
      '',
      '[checks.V3]',
      'min_duration_s = 5.0',
    ].join('\n')
    expect(edited(source, edits('A1', { tolerance_lu: 1 }))).toBe(
      source.replace('tolerance_lu = 0.5 #', 'tolerance_lu = 1 #'),
    )
    expect(edited(source, edits('V3', { state: 'off' }))).toBe(`${source}\nstate = "off"`)
  })

  it('adds a value behind the last of its table', () => {
    expect(
      edited('[checks.A1]\ntolerance_lu = 0.5\n\n[checks.V3]\nstate = "fail"\n', edits('A1', { target_lufs: -24 })),
    ).toBe('[checks.A1]\ntolerance_lu = 0.5\ntarget_lufs = -24\n\n[checks.V3]\nstate = "fail"\n')
  })

  it('takes away the document of a limit it replaces, and keeps it where only the weight changes', () => {
    const source = '[checks.A1]\ntarget_lufs = -23\nsource = "EBU R 128"\nstate = "fail"\n'
    expect(edited(source, edits('A1', { target_lufs: -24 }))).toBe('[checks.A1]\ntarget_lufs = -24\nstate = "fail"\n')
    expect(edited(source, edits('A1', { state: 'warn' }))).toContain('source = "EBU R 128"')
  })

  it('steps over lists of several lines, texts with brackets, and comments in them', () => {
    const source = [
      '[checks.F1]',
      'containers = [',
      '  "mov", # [not] a table',
      '  "a]b",',
      ']',
      'video_codecs = ["h264"]',
      '[[rules]]',
      'kind = "black"',
      'label = "tail"',
      'to = "info"',
    ].join('\n')
    expect(edited(source, edits('F1', { containers: [] }))).toBe(
      source.replace(/containers = \[[\s\S]*?\n\]\n/, 'containers = []\n'),
    )
    expect(edited(source, edits('V1', { min_duration_s: 3 }))).toBe(
      source.replace('\n[[rules]]', '\n\n[checks.V1]\nmin_duration_s = 3\n[[rules]]'),
    )
  })

  it('knows keys with dots and keys in quotes', () => {
    expect(edited('checks.A1.target_lufs = -23\n', edits('A1', { target_lufs: -24 }))).toBe(
      'checks.A1.target_lufs = -24\n',
    )
    expect(edited('checks.A1.target_lufs = -23\n', edits('A1', { tolerance_lu: 1 }))).toBe(
      'checks.A1.target_lufs = -23\nchecks.A1.tolerance_lu = 1\n',
    )
    expect(edited('[checks."A1"]\n"target_lufs" = -23\n', edits('A1', { target_lufs: -24 }))).toBe(
      '[checks."A1"]\n"target_lufs" = -24\n',
    )
  })

  it('is none where other lines would have to be written anew', () => {
    expect(edited('checks.A1 = { target_lufs = -23 }\n', edits('A1', { target_lufs: -24 }))).toBeNull()
  })

  it('gives the same for the same, whatever ends the lines', () => {
    const source = '[checks.A1]\r\ntarget_lufs = -23\r\n'
    expect(edited(source, edits('A1', { target_lufs: -24 }))).toBe('[checks.A1]\r\ntarget_lufs = -24\r\n')
  })
})
