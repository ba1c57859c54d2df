/** A value somewhere in a TOML text: `source.slice(from, to)` is the value as it was written. */
export interface Entry {
  readonly path: readonly string[]
  readonly from: number
  readonly to: number
}

interface Statement extends Entry {
  /** Where its line begins. */
  readonly start: number
  /** Path of the table it stands under. */
  readonly table: readonly string[]
}

interface Table {
  readonly path: readonly string[]
  readonly start: number
  /** Where what stands in it ends, without the line's end. */
  end: number
}

interface Scanned {
  readonly statements: readonly Statement[]
  readonly tables: readonly Table[]
}

const QUOTES = ['"""', "'''", '"', "'"] as const

function lineEnd(source: string, at: number): number {
  const found = source.indexOf('\n', at)
  return found < 0 ? source.length : found
}

/** Where a quoted text that begins at `at` ends; `at` where none begins there. */
function afterQuoted(source: string, at: number): number {
  const quote = QUOTES.find((one) => source.startsWith(one, at))
  if (quote === undefined) return at
  let end = at + quote.length
  while (end < source.length && !source.startsWith(quote, end)) {
    if (quote.length === 1 && source[end] === '\n') return end
    end += source[end] === '\\' && quote[0] === '"' ? 2 : 1
  }
  return Math.min(source.length, end + quote.length)
}

/** Where a value that begins at `at` ends: over several lines for lists and long texts. */
function afterValue(source: string, at: number): number {
  let depth = 0
  let end = at
  while (end < source.length) {
    const quoted = afterQuoted(source, end)
    if (quoted > end) {
      end = quoted
      continue
    }
    const sign = source[end] as string
    if (sign === '#') {
      if (depth === 0) break
      end = lineEnd(source, end)
      continue
    }
    if ('[{'.includes(sign)) depth += 1
    if (']}'.includes(sign)) depth -= 1
    if (sign === '\n' && depth <= 0) break
    end += 1
  }
  return at + source.slice(at, end).trimEnd().length
}

function keyOf(written: string): string[] {
  const parts = written.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^.\s]+/g) ?? []
  return parts.map((part) => part.replace(/^(["'])(.*)\1$/, '$2'))
}

/** Never refuses: of a text that is no TOML it finds what looks like it. */
function scanned(source: string): Scanned {
  const statements: Statement[] = []
  const tables: Table[] = []
  let table: Table = { path: [], start: 0, end: 0 }
  let repeated = 0
  let at = 0
  while (at < source.length) {
    const start = at
    const stop = lineEnd(source, at)
    const line = source.slice(at, stop)
    const header = /^\s*(\[\[?)\s*([^\]]*?)\s*\]/.exec(line)
    const key = /^\s*((?:"[^"]*"|'[^']*'|[^=#"'\s.]+|[.\s])+?)\s*=[ \t]*/.exec(line)
    if (header) {
      const path = keyOf(header[2] as string)
      // Each of a list of tables is a place of its own.
      table = { path: header[1] === '[[' ? [...path, `#${repeated++}`] : path, start, end: stop }
      tables.push(table)
      at = stop + 1
    } else if (key) {
      const from = start + key[0].length
      const to = afterValue(source, from)
      statements.push({ path: [...table.path, ...keyOf(key[1] as string)], from, to, start, table: table.path })
      at = lineEnd(source, to) + 1
      table.end = at - 1
    } else at = stop + 1
  }
  return { statements, tables }
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, n) => one === b[n])
const isWithin = (path: readonly string[], of: readonly string[]) =>
  path.length > of.length && of.every((one, n) => one === path[n])

export function tomlEntries(source: string): readonly Entry[] {
  return scanned(source).statements
}

export function tomlHas(source: string, path: readonly string[]): boolean {
  return scanned(source).statements.some((one) => isSame(one.path, path))
}

export type Plain = string | number | boolean | readonly (string | number | boolean)[]

export function tomlOf(value: Plain): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan'
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
    return String(value)
  }
  return `[${value.map(tomlOf).join(', ')}]`
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

const bare = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key))
const written = (path: readonly string[]) => path.map(bare).join('.')

function put(source: string, at: number, text: string): string {
  return source.slice(0, at) + text + source.slice(at)
}

/**
 * The text with a value set at a path, and nothing else changed: comments and order stay. Null where it cannot be done
 * without writing other lines anew (the table stands in braces on one line).
 */
export function setToml(source: string, path: readonly string[], value: Plain): string | null {
  const { statements, tables } = scanned(source)
  const there = statements.find((one) => isSame(one.path, path))
  if (there) return source.slice(0, there.from) + tomlOf(value) + source.slice(there.to)
  if (statements.some((one) => isWithin(path, one.path))) return null
  const parent = path.slice(0, -1)
  const line = `${bare(path.at(-1) as string)} = ${tomlOf(value)}`
  const own = tables.find((one) => isSame(one.path, parent))
  if (own) return put(source, own.end, `\n${line}`)
  const dotted = statements.filter((one) => isWithin(one.path, parent)).at(-1)
  if (dotted) {
    const relative = written(path.slice(dotted.table.length))
    return put(source, lineEnd(source, dotted.to), `\n${relative} = ${tomlOf(value)}`)
  }
  const block = `[${written(parent)}]\n${line}`
  const kin = tables.filter((one) => one.path[0] === path[0]).at(-1)
  if (kin) return put(source, kin.end, `\n\n${block}`)
  const body = source.trimEnd()
  return `${body}${body ? '\n\n' : ''}${block}\n`
}

/** The text without what is set at a path, and without its table where nothing is left in that. */
export function removeToml(source: string, path: readonly string[]): string {
  const { statements, tables } = scanned(source)
  const there = statements.find((one) => isSame(one.path, path))
  if (!there) return source
  const cut = source.slice(0, there.start) + source.slice(Math.min(source.length, lineEnd(source, there.to) + 1))
  const own = tables.find((one) => isSame(one.path, there.table))
  const others = statements.some((one) => one !== there && isSame(one.table, there.table))
  if (!own || others) return cut
  const headEnd = lineEnd(cut, own.start) + 1
  const left = cut.slice(headEnd, nextTable(cut, headEnd))
  if (left.trim()) return cut
  const before = cut.slice(0, own.start).replace(/\n\n$/, '\n')
  return before + cut.slice(headEnd)
}

function nextTable(source: string, from: number): number {
  const found = source.slice(from).search(/^\s*\[/m)
  return found < 0 ? source.length : from + found
}
