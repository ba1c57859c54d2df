import type { Entry } from '@/state/toml'

interface Scalar extends Entry {
  /** Inside braces, where a comma ends a value. */
  readonly isInFlow: boolean
}

interface Level {
  readonly indent: number
  readonly path: readonly string[]
  /** How many items of a list came at this level. */
  items: number
}

/** Where a scalar that begins at `at` ends. `stops`: signs that end one that is not quoted. */
function afterScalar(source: string, at: number, stops: string): number {
  const quote = source[at]
  if (quote === '"' || quote === "'") {
    let end = at + 1
    while (end < source.length && source[end] !== quote && source[end] !== '\n') {
      end += source[end] === '\\' && quote === '"' ? 2 : 1
    }
    return Math.min(source.length, end + 1)
  }
  let end = at
  while (end < source.length && source[end] !== '\n' && !stops.includes(source[end] as string)) {
    if (source[end] === '#' && /\s/.test(source[end - 1] ?? ' ')) break
    end += 1
  }
  return at + source.slice(at, end).trimEnd().length
}

/** What stands in `{…}` or `[…]` from `at`; where it ends. */
function flow(source: string, at: number, path: readonly string[], found: Scalar[]): number {
  const isMap = source[at] === '{'
  let end = at + 1
  let item = 0
  while (end < source.length) {
    const rest = /^[\s,]*/.exec(source.slice(end)) as RegExpExecArray
    end += rest[0].length
    if (end >= source.length || ']}'.includes(source[end] as string)) return end + 1
    let inner = [...path, String(item++)]
    if (isMap) {
      const key = /^("[^"]*"|'[^']*'|[^:,{}[\]\n]+?)\s*:\s*/.exec(source.slice(end))
      if (!key) return source.length
      inner = [...path, unquoted(key[1] as string)]
      end += key[0].length
    }
    if ('{['.includes(source[end] as string)) end = flow(source, end, inner, found)
    else {
      const to = afterScalar(source, end, ',]}')
      found.push({ path: inner, from: end, to, isInFlow: true })
      if (to === end) return source.length
      end = to
    }
  }
  return end
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2')
}

/** Every plain value of a YAML text with its place; items of lists by number. Never refuses. */
export function yamlEntries(source: string): readonly Scalar[] {
  const found: Scalar[] = []
  const levels: Level[] = [{ indent: -1, path: [], items: 0 }]
  let at = 0
  let literal = -1
  while (at < source.length) {
    const stop = source.indexOf('\n', at) < 0 ? source.length : source.indexOf('\n', at)
    const line = source.slice(at, stop)
    let indent = line.search(/\S/)
    const start = at
    at = stop + 1
    if (indent < 0 || line[indent] === '#') continue
    if (literal >= 0 && indent > literal) continue
    literal = -1
    let rest = line.slice(indent)
    while (/^-(\s|$)/.test(rest)) {
      while ((levels.at(-1) as Level).indent >= indent) levels.pop()
      const parent = levels.at(-1) as Level
      const path = [...parent.path, String(parent.items++)]
      const step = /^-\s*/.exec(rest) as RegExpExecArray
      levels.push({ indent, path, items: 0 })
      indent += step[0].length
      rest = rest.slice(step[0].length)
    }
    if (rest.startsWith('{')) {
      at = Math.max(at, flow(source, start + indent, (levels.at(-1) as Level).path, found) + 1)
      continue
    }
    const key = /^("[^"]*"|'[^']*'|[^\s:#{}[\],][^:#{}[\],]*?)\s*:(?:[ \t]+|$)/.exec(rest)
    if (!key) continue
    while ((levels.at(-1) as Level).indent >= indent) levels.pop()
    const path = [...(levels.at(-1) as Level).path, unquoted(key[1] as string)]
    const from = start + indent + key[0].length
    const sign = source[from]
    if (from >= stop || sign === '#') levels.push({ indent, path, items: 0 })
    else if (sign === '|' || sign === '>') literal = indent
    else if (sign === '{' || sign === '[') at = Math.max(at, flow(source, from, path, found))
    else found.push({ path, from, to: afterScalar(source, from, ''), isInFlow: false })
  }
  return found
}

/** Words that YAML takes for something else than text. */
const MEANT = /^(true|false|yes|no|on|off|y|n|null)$/i

/** The text with another value at a path that has one; null where it has none that can be set. */
export function setYaml(source: string, path: readonly string[], value: string | number): string | null {
  const wanted = path.join('\n')
  const there = yamlEntries(source).find((one) => one.path.join('\n') === wanted)
  if (!there) return null
  const isQuoted = /^["']/.test(source.slice(there.from, there.to))
  const isPlain = typeof value === 'number' || (/^[A-Za-z_][\w() .,+-]*$/.test(value) && !MEANT.test(value))
  const needsQuotes = typeof value === 'string' && (isQuoted || !isPlain || (there.isInFlow && value.includes(',')))
  return source.slice(0, there.from) + (needsQuotes ? JSON.stringify(value) : String(value)) + source.slice(there.to)
}
