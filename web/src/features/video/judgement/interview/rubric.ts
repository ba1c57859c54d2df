/** Changes of a rubric's text: weights and formulas of terms, everything else as it was written. */
export interface TermEdit {
  readonly score: string
  readonly term: string
  readonly weight?: number
  /** For the source that reads this metric. */
  readonly formula?: { readonly metric: string; readonly text: string }
}

/** Null where a term is not written so that it could be found: then the text has to be edited by hand. */
export function editedRubric(source: string, edits: readonly TermEdit[]): string | null {
  let lines: readonly string[] | null = source.split('\n')
  for (const edit of edits) {
    if (lines && edit.weight !== undefined) lines = withWeight(lines, edit, edit.weight)
    if (lines && edit.formula) lines = withFormula(lines, edit, edit.formula.metric, edit.formula.text)
  }
  return lines?.join('\n') ?? null
}

/** Weights after one was changed: the others share what is left in proportion, and all add up to 1. */
export function rebalanced(weights: Readonly<Record<string, number>>, id: string, to: number): Record<string, number> {
  const others = Object.entries(weights).filter(([name]) => name !== id)
  if (!others.length) return { [id]: 1 }
  const wanted = Math.min(0.99, Math.max(0.01, to))
  const before = others.reduce((sum, [, weight]) => sum + weight, 0)
  const made: Record<string, number> = {}
  for (const name of Object.keys(weights)) {
    const share = before > 0 ? (weights[name] as number) / before : 1 / others.length
    made[name] = round(name === id ? wanted : (1 - wanted) * share)
  }
  const off = 1 - Object.values(made).reduce((sum, weight) => sum + weight, 0)
  const largest = others.toSorted((a, b) => b[1] - a[1])[0]?.[0] as string
  made[largest] = round((made[largest] as number) + off)
  return made
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

interface Block {
  readonly first: number
  /** The line behind it. */
  readonly last: number
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function isBlank(line: string): boolean {
  return line.trim() === '' || line.trimStart().startsWith('#')
}

/** The lines of a key, head included, among those of a block of a mapping. */
function blockOf(lines: readonly string[], within: Block, key: string): Block | null {
  let indent = -1
  for (let at = within.first; at < within.last; at += 1) {
    const line = lines[at] as string
    if (isBlank(line)) continue
    if (indent < 0) indent = indentOf(line)
    if (indentOf(line) !== indent || !new RegExp(`^\\s*(?:"${key}"|'${key}'|${key})\\s*:(?:\\s|$)`).test(line)) continue
    let last = at + 1
    while (last < within.last && (isBlank(lines[last] as string) || isInside(lines[last] as string, indent))) last += 1
    return { first: at, last }
  }
  return null
}

/** A list may stand as deep as its key. */
function isInside(line: string, indent: number): boolean {
  return indentOf(line) > indent || (indentOf(line) === indent && line.trimStart().startsWith('- '))
}

function termBlock(lines: readonly string[], { score, term }: TermEdit): Block | null {
  let block: Block | null = { first: 0, last: lines.length }
  for (const key of ['scores', score, 'terms', term]) {
    const found: Block | null = block && blockOf(lines, block, key)
    if (!found) return null
    block = key === term ? found : { first: found.first + 1, last: found.last }
  }
  return block
}

const SCALAR = `("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^,}#\\n]*?)`

function withWeight(lines: readonly string[], edit: TermEdit, weight: number): readonly string[] | null {
  const block = termBlock(lines, edit)
  const pattern = new RegExp(`((?:^|[\\s{,])weight:\\s*)${SCALAR}(?=\\s*(?:[,}#]|$))`)
  for (let at = block?.first ?? 0; block && at < block.last; at += 1) {
    const line = lines[at] as string
    if (pattern.test(line)) return lines.with(at, line.replace(pattern, `$1${weight}`))
  }
  return null
}

function withFormula(lines: readonly string[], edit: TermEdit, metric: string, text: string): readonly string[] | null {
  const block = termBlock(lines, edit)
  if (!block) return null
  // Sources are told apart by their metric: the formula is the one between its dash and the next.
  const starts: number[] = []
  for (let at = block.first; at < block.last; at += 1)
    if (/(^\s*|\[\s*)- |\[\{/.test(lines[at] as string)) starts.push(at)
  for (const [number, start] of starts.entries()) {
    const end = starts[number + 1] ?? block.last
    const item = lines.slice(start, end)
    if (!item.some((line) => new RegExp(`(?:^|[\\s{-])metric:\\s*["']?${metric}["']?\\s*(?:[,}#]|$)`).test(line)))
      continue
    for (let at = start; at < end; at += 1) {
      const line = lines[at] as string
      const pattern = line.includes('{')
        ? new RegExp(`((?:^|[\\s{,])formula:\\s*)${SCALAR}(?=\\s*[,}])`)
        : /((?:^|[\s-])formula:\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^#]*?)(?=\s*(?:#|$))/
      if (pattern.test(line))
        return lines.with(
          at,
          line.replace(pattern, (_, head: string) => head + JSON.stringify(text)),
        )
    }
  }
  return null
}
