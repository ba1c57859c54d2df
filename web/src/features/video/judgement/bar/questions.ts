/** A question of an interview as `options.questions` takes it. */
export interface Question {
  readonly id?: string
  readonly title: string
  readonly start?: string
  readonly end?: string
}

/** What was written cannot be read: in which line, from 1. */
export interface Unreadable {
  readonly line: number
}

const KEYS = ['id', 'title', 'start', 'end'] as const
type Key = (typeof KEYS)[number]

/**
 * The questions of a text, either one a line (`0:30 Why did you …`), or as YAML: a list of `title`, `start`, `end` and
 * `id`, with or without `questions:` above it.
 */
export function questionsOf(text: string): readonly Question[] | Unreadable {
  const lines = text.split(/\r?\n/)
  const isYaml = lines.some((line) => /^\s*(-\s|-$|questions\s*:)/.test(line))
  return isYaml
    ? fromYaml(lines)
    : lines
        .map((line) => line.trim())
        .filter((line) => line && !line.startsWith('#'))
        .map(fromLine)
}

export function isUnreadable(found: readonly Question[] | Unreadable): found is Unreadable {
  return !Array.isArray(found)
}

function fromLine(line: string): Question {
  const timed = /^(\d+(?::\d{1,2}){0,2}(?:\.\d+)?)(?:\s*[-–]\s*(\d+(?::\d{1,2}){0,2}(?:\.\d+)?))?[\s.):]+(.+)$/.exec(
    line,
  )
  // `1. Why?` is a number and no time.
  if (!timed || !(timed[1] as string).includes(':')) return { title: line.replace(/^\d{1,3}[.)]\s+/, '') }
  return { title: timed[3] as string, start: timed[1] as string, ...(timed[2] && { end: timed[2] }) }
}

function fromYaml(lines: readonly string[]): readonly Question[] | Unreadable {
  const found: Partial<Record<Key, string>>[] = []
  const begun: number[] = []
  for (const [number, line] of lines.entries()) {
    const plain = line.trim()
    if (!plain || plain.startsWith('#') || /^(questions\s*:|---)\s*$/.test(plain)) continue
    const isNew = /^-(\s|$)/.test(plain)
    const rest = isNew ? plain.slice(1).trim() : plain
    if (isNew) {
      found.push({})
      begun.push(number + 1)
    }
    const entry = found.at(-1)
    if (!entry || (!rest && !isNew)) return { line: number + 1 }
    if (!rest) continue
    const pairs = /^\{.*\}$/.test(rest) ? inline(rest.slice(1, -1)) : [rest]
    for (const pair of pairs) {
      const named = /^(\w+)\s*:(?:\s+(.*))?$/.exec(pair.trim())
      const key = named?.[1] as Key | undefined
      if (named && key && KEYS.includes(key)) entry[key] = scalar(named[2] ?? '')
      else if (isNew && pairs.length === 1) entry.title = scalar(rest)
      else return { line: number + 1 }
    }
  }
  const empty = found.findIndex((one) => !one.title)
  if (empty >= 0) return { line: begun[empty] as number }
  return found as readonly Question[]
}

/** `title: 'Why, then?', start: 0` at its commas, those in quotes left alone. */
function inline(text: string): readonly string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'])+/g) ?? []
}

function scalar(text: string): string {
  const plain = text.trim()
  if (/^"(?:[^"\\]|\\.)*"/.test(plain)) {
    const quoted = /^"(?:[^"\\]|\\.)*"/.exec(plain)?.[0] as string
    try {
      return JSON.parse(quoted) as string
    } catch {
      return quoted.slice(1, -1)
    }
  }
  const single = /^'((?:[^']|'')*)'/.exec(plain)
  if (single) return (single[1] as string).replaceAll("''", "'")
  return plain.replace(/\s+#.*$/, '')
}
