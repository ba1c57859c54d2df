/** What can stand in a template as the value of a parameter. */
export type Value = string | number | boolean | readonly (string | number)[]

/** New values by check and parameter; `state` among them. */
export type Edits = ReadonlyMap<string, Readonly<Record<string, Value>>>

/** A template that builds on a shipped one and changes nothing yet. */
export function extending(name: string): string {
  return `extends = ${tomlValue(name)}\n`
}

/**
 * The text of a template with other values. Everything else, comments too, stays as it was; a check that the text does
 * not name is put at its end.
 */
export function edited(source: string, edits: Edits): string {
  let text = source
  for (const [check, values] of edits) {
    const table = ['checks', check]
    // A limit that was changed must not keep the document of the one it replaces.
    if (Object.keys(values).some((name) => name !== 'state')) text = without(text, [...table, 'source'])
    for (const [name, value] of Object.entries(values)) text = withValue(text, table, name, tomlValue(value))
  }
  return text
}

export function tomlValue(value: Value): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan'
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
    return String(value)
  }
  return `[${value.map(tomlValue).join(', ')}]`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"', '\\': '\\\\', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r',
} // biome-ignore format: one table, one line

/** As a basic string; lone halves of surrogate pairs cannot stand in TOML and become the replacement sign. */
export function quoted(text: string): string {
  const escaped = text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/["\\]|\p{Cc}/gu, (sign) => ESCAPES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `"${escaped}"`
}

/** A key that is not plain letters needs quotes. */
function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key)
}

interface Statement {
  readonly kind: 'table' | 'key'
  /** From the root: `['checks', 'A1', 'target_lufs']`. */
  readonly path: readonly string[]
  /** Of the table it stands in. */
  readonly table: readonly string[]
  /** Of the value; of a table, behind its head. */
  readonly from: number
  readonly to: number
}

function withValue(source: string, table: readonly string[], name: string, value: string): string {
  const found = statements(source)
  const path = [...table, name]
  const there = found.find((one) => one.kind === 'key' && isSame(one.path, path))
  if (there) return source.slice(0, there.from) + value + source.slice(there.to)
  const members = found.filter((one) => isSame(one.kind === 'table' ? one.path : one.path.slice(0, -1), table))
  const last = members.at(-1)
  if (last) {
    const base = last.kind === 'table' ? last.path : last.table
    const key = path.slice(base.length).map(keyText).join('.')
    const end = source.indexOf('\n', last.to)
    const at = end < 0 ? source.length : end
    return `${source.slice(0, at)}\n${key} = ${value}${source.slice(at)}`
  }
  const gap = source === '' || source.endsWith('\n') ? '' : '\n'
  return `${source}${gap}\n[${table.map(keyText).join('.')}]\n${keyText(name)} = ${value}\n`
}

function without(source: string, path: readonly string[]): string {
  const there = statements(source).find((one) => one.kind === 'key' && isSame(one.path, path))
  if (!there) return source
  const first = source.lastIndexOf('\n', there.from) + 1
  const last = source.indexOf('\n', there.to)
  return source.slice(0, first) + (last < 0 ? '' : source.slice(last + 1))
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at])
}

/** Every table head and every `key = value` with where it stands. Stops where the text is no TOML. */
function statements(source: string): readonly Statement[] {
  const found: Statement[] = []
  let table: readonly string[] = []
  let at = 0
  while (at < source.length) {
    const skipped = /^(?:\s+|#[^\n]*)+/.exec(source.slice(at))
    if (skipped) at += skipped[0].length
    if (at >= source.length) break
    const line = /^[^\n]*/.exec(source.slice(at))?.[0] ?? ''
    if (line.startsWith('[')) {
      const head = /^\[\[?([^\]]*)\]\]?/.exec(line)
      if (!head) break
      table = keys(head[1] as string)
      if (!line.startsWith('[['))
        found.push({ kind: 'table', path: table, table, from: at + head[0].length, to: at + head[0].length })
      at += line.length
      continue
    }
    const named = /^((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^=#"'])+)=[ \t]*/.exec(line)
    if (!named) break
    const from = at + named[0].length
    const to = valueEnd(source, from)
    found.push({ kind: 'key', path: [...table, ...keys(named[1] as string)], table, from, to })
    at = to
    const rest = /^[^\n]*/.exec(source.slice(at))
    at += rest?.[0].length ?? 0
  }
  return found
}

function keys(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    (one) => one[1] ?? one[2] ?? (one[3] as string),
  )
}

/** Where a value ends: at the end of its line, or where its brackets are closed. Texts and comments are stepped over. */
function valueEnd(source: string, from: number): number {
  let depth = 0
  let at = from
  let end = from
  while (at < source.length) {
    const rest = source.slice(at)
    const text = /^(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')/.exec(rest)?.[0]
    if (text) {
      at += text.length
      end = at
      continue
    }
    const sign = source[at] as string
    if (sign === '#') {
      if (depth === 0) return end
      at += /^[^\n]*/.exec(rest)?.[0].length ?? 1
      continue
    }
    if (sign === '\n' && depth === 0) return end
    if (sign === '[' || sign === '{') depth += 1
    if (sign === ']' || sign === '}') depth -= 1
    at += 1
    if (sign.trim()) end = at
  }
  return end
}
