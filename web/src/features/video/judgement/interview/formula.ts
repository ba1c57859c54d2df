import type { Score, Term } from '@/api/judgement'

/** A formula of a rubric, as src/sightline/desks/interview/formulas.py understands it. */
export interface Formula {
  readonly name: string
  readonly numbers: readonly number[]
}

/** How many numbers each takes; null: pairs. */
const TAKES: Readonly<Record<string, number | null>> = {
  trapezoid: 4, rising: 2, falling: 2, one_minus: 1, clip: 1, table: null, old_blink: 0,
} // biome-ignore format: one table, one line
const MOST_NUMBERS = 32

/** Null for what is no formula. */
export function formulaOf(text: string): Formula | null {
  const found = /^\s*([a-z_]+)\s*\(([^()]*)\)\s*$/.exec(text)
  if (!found || text.length > 400) return null
  const [, name, inside] = found as unknown as [string, string, string]
  const numbers = inside.trim() ? inside.split(',').map((one) => (one.trim() ? Number(one) : Number.NaN)) : []
  const takes = TAKES[name]
  if (takes === undefined || !numbers.every(Number.isFinite)) return null
  const isFit =
    takes === null
      ? numbers.length > 0 && numbers.length % 2 === 0 && numbers.length <= MOST_NUMBERS
      : numbers.length === takes
  const rising = takes === null ? numbers.filter((_, at) => at % 2 === 0) : takes === 1 ? [] : numbers
  const isOrdered = rising.every((one, at) => at === 0 || (rising[at - 1] as number) <= one)
  if (!isFit || !isOrdered || (takes === 1 && (numbers[0] as number) <= 0)) return null
  return { name, numbers }
}

export function formulaText({ name, numbers }: Formula): string {
  return `${name}(${numbers.join(', ')})`
}

/** What a value is worth, 0 to 1. */
export function shareOf({ name, numbers }: Formula, value: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = numbers
  const rise = (from: number, to: number) => (from === to ? Number(value >= to) : (value - from) / (to - from))
  const fall = (from: number, to: number) => (from === to ? Number(value <= from) : (to - value) / (to - from))
  const cut = (share: number) => Math.min(1, Math.max(0, share))
  switch (name) {
    case 'trapezoid':
      return cut(Math.min(rise(a, b), fall(c, d)))
    case 'rising':
      return cut(rise(a, b))
    case 'falling':
      return cut(fall(a, b))
    case 'one_minus':
      return cut(1 - value / a)
    case 'clip':
      return cut(value / a)
    case 'old_blink':
      return cut(value >= 15 && value <= 20 ? 1 : value >= 10 && value <= 25 ? 0.8 : 1 - 0.05 * Math.abs(value - 17.5))
    default: {
      let share = 0
      for (let at = 0; at < numbers.length; at += 2)
        if ((numbers[at] as number) <= value) share = numbers[at + 1] as number
      return cut(share)
    }
  }
}

export interface Plot {
  /** Path in a box of `width` by `height`, 0 at the top. */
  readonly line: string
  readonly from: number
  readonly to: number
  /** Where the value lies, as shares from the left and the top. */
  readonly at: readonly [number, number] | null
}

const POINTS = 97

export function plotOf(formula: Formula, value: number | null, width: number, height: number): Plot {
  const marks = formula.name === 'table' ? formula.numbers.filter((_, at) => at % 2 === 0) : [...formula.numbers]
  if (formula.name === 'old_blink') marks.push(0, 40)
  if (formula.name === 'one_minus' || formula.name === 'clip') marks.push(0)
  if (value !== null) marks.push(value)
  const [least, most] = [Math.min(...marks), Math.max(...marks)]
  const room = (most - least || 1) * 0.12
  const from = least >= 0 && least < room ? 0 : least - room
  const to = most + room
  const top = (share: number) => height - 2 - share * (height - 4)
  const points = Array.from({ length: POINTS }, (_, at) => {
    const share = at / (POINTS - 1)
    return `${(share * width).toFixed(1)} ${top(shareOf(formula, from + share * (to - from))).toFixed(1)}`
  })
  const at = value === null ? null : ([(value - from) / (to - from), top(shareOf(formula, value)) / height] as const)
  return { line: `M${points.join('L')}`, from, to, at }
}

/** The points of a score added up again from its terms; null where it has none. */
export function pointsOf(score: Pick<Score, 'terms'>): number | null {
  const told = score.terms.filter((term) => term.points !== null)
  return told.length ? told.reduce((sum, term) => sum + (term.points as number), 0) : null
}

/** Weight that was shared out because terms are missing. */
export function missingWeight(terms: readonly Term[]): number {
  return terms.filter((term) => term.share === null).reduce((sum, term) => sum + term.weight, 0)
}

/** What a term could have given at most. */
export function mostPoints(term: Term, most: number): number {
  return term.applied * most
}
