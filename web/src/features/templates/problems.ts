import type { Language } from '@/state/language'
import type { Problem } from './types'

/** What is wrong, by the line it stands at; 0 for what has no line. */
export function problemsByLine(problems: readonly Problem[], lines: number): ReadonlyMap<number, readonly Problem[]> {
  const found = new Map<number, Problem[]>()
  for (const problem of problems) {
    // Of a text that was shortened since it was checked.
    const line = problem.line === null || problem.line < 1 ? 0 : Math.min(problem.line, lines)
    found.set(line, [...(found.get(line) ?? []), problem])
  }
  return found
}

export function lineCount(source: string): number {
  return source.split('\n').length
}

/** Where a line begins and ends in a text. */
export function lineRange(source: string, line: number): readonly [from: number, to: number] {
  let from = 0
  for (let n = 1; n < line; n++) {
    const next = source.indexOf('\n', from)
    if (next < 0) return [source.length, source.length]
    from = next + 1
  }
  const end = source.indexOf('\n', from)
  return [from, end < 0 ? source.length : end]
}

/** Problems that have a place among the thresholds, by that place: `checks.A1.target_lufs`. */
export function problemAt(problems: readonly Problem[], where: string, language: Language): string | null {
  const found = problems.find((one) => one.where === where)
  return found?.message[language] ?? found?.message.en ?? null
}
