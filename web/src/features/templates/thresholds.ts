import { type Plain, removeToml, setToml, tomlEntries } from '@/state/toml'
import { type Desk, deskOf, type Listed, type Parameter, type Resolved } from './types'
import { setYaml, yamlEntries } from './yaml'

export type Path = readonly string[]

/** The text with another value at a place; null where only the text itself can be changed. */
export function withValue(desk: Desk, source: string, path: Path, value: Plain): string | null {
  if (desk === 'qc') return setToml(source, path, value)
  return typeof value === 'string' || typeof value === 'number' ? setYaml(source, path, value) : null
}

/** The text without a value of its own at a place, so that the one it builds on counts. Rubrics build on none. */
export function withoutValue(source: string, path: Path): string {
  return removeToml(source, path)
}

/** What a text itself says, by path: undefined where it says nothing, null where it cannot be understood here. */
export function valuesIn(desk: Desk, source: string): (path: Path) => Plain | null | undefined {
  const entries = desk === 'qc' ? tomlEntries(source) : yamlEntries(source)
  const byPath = new Map(entries.map((one) => [one.path.join('\n'), source.slice(one.from, one.to)]))
  return (path) => {
    const written = byPath.get(path.join('\n'))
    return written === undefined ? undefined : read(written, desk)
  }
}

function read(written: string, desk: Desk): Plain | null {
  const digits = written.replaceAll('_', '')
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits)) return Number(digits)
  if (/^'[^']*'$/.test(written)) return written.slice(1, -1)
  try {
    return JSON.parse(written.replace(/,\s*\]$/, ']')) as Plain
  } catch {
    return desk === 'interview' ? written : null
  }
}

/** The template a text builds on. */
export function extendedBy(source: string): string | null {
  const found = valuesIn('qc', source)(['extends'])
  return typeof found === 'string' ? found : null
}

/** What a template is called; the list tells the text of one's own, and no title of it. */
export function titleOf(listed: Listed): Readonly<Record<string, string>> {
  if (!listed.source) return listed.title
  const own = valuesIn(deskOf(listed.desk), listed.source)
  const titles = ['en', 'ko'].map((language) => [language, own(['title', language])] as const)
  return Object.fromEntries(titles.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

/** The text of a copy, called by the copy's name in the languages the text has a title in. */
export function titled(desk: Desk, source: string, title: string): string {
  const own = valuesIn(desk, source)
  return ['en', 'ko'].reduce((text, language) => {
    const path = ['title', language]
    return own(path) === undefined ? text : (withValue(desk, text, path, title) ?? text)
  }, source)
}

/** A limit as it was applied, `<= -1.0`, with the signs people write. */
export function limitText(limit: unknown): string {
  return String(limit)
    .replaceAll('<=', '≤')
    .replaceAll('>=', '≥')
    .replaceAll('+-', '±')
    .replace(/-(?=\d)/g, '−')
}

/** What would count if this text did not set a parameter: of the template it builds on, else the program's own. */
export function inherited(base: Resolved | null, check: string, parameter: Parameter): unknown {
  const there = base?.checks.find((one) => one.id === check)?.parameters.find((one) => one.name === parameter.name)
  return there ? there.value : parameter.default
}

const OF_NUMBERS = /_(hz|counts|depths|deg)$/

/** Signs a person typed into a list, as the template wants them. */
export function listOf(name: string, typed: readonly string[]): (string | number)[] {
  return typed.map((one) => (OF_NUMBERS.test(name) && Number.isFinite(Number(one)) ? Number(one) : one))
}

/** A share is shown as a percentage; `8` digits drop what binary fractions add. */
export function shownAmount(value: number, unit: string | null): number {
  return unit === 'share' ? Number((value * 100).toPrecision(8)) : value
}

export function keptAmount(shown: number, unit: string | null): number {
  return unit === 'share' ? Number((shown / 100).toPrecision(8)) : shown
}
