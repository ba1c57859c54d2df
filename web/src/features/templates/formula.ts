/** A rubric's formula: what a value of a metric is worth, 0 to 1. docs/rubrics.md lists them. */
export interface Formula {
  readonly name: string
  readonly numbers: readonly number[]
}

/** Null for what is no formula; the server says why. */
export function formulaOf(text: string): Formula | null {
  const call = /^\s*([a-z_]+)\s*\(([^()]*)\)\s*$/.exec(text)
  if (!call) return null
  const inside = (call[2] as string).trim()
  const numbers = inside ? inside.split(',').map(Number) : []
  if (numbers.some((one) => !Number.isFinite(one))) return null
  return { name: call[1] as string, numbers }
}

type Corner = readonly [x: number, share: number]

/** The corners of its line over a range that shows all of them; null where it has no simple line. */
export function corners({ name, numbers }: Formula): readonly Corner[] | null {
  const [a, b, c, d] = numbers
  if (name === 'trapezoid' && numbers.length === 4) {
    return framed([[a as number, 0], [b as number, 1], [c as number, 1], [d as number, 0]]) // biome-ignore format: corners
  }
  if (name === 'rising' && numbers.length === 2) {
    return framed([[a as number, 0], [b as number, 1]]) // biome-ignore format: corners
  }
  if (name === 'falling' && numbers.length === 2) {
    return framed([[a as number, 1], [b as number, 0]]) // biome-ignore format: corners
  }
  if (numbers.length === 1 && name === 'one_minus') return framed([[0, 1], [a as number, 0]]) // biome-ignore format: corners
  if (numbers.length === 1 && name === 'clip') return framed([[0, 0], [a as number, 1]]) // biome-ignore format: corners
  if (name === 'table' && numbers.length >= 4 && numbers.length % 2 === 0) return stairs(numbers)
  return null
}

function framed(inner: readonly Corner[]): readonly Corner[] {
  const first = inner[0] as Corner
  const last = inner.at(-1) as Corner
  const margin = (last[0] - first[0]) * 0.15 || 1
  return [[first[0] - margin, first[1]], ...inner, [last[0] + margin, last[1]]]
}

function stairs(numbers: readonly number[]): readonly Corner[] {
  const made: Corner[] = []
  for (let n = 0; n < numbers.length; n += 2) {
    const [x, y] = [numbers[n] as number, numbers[n + 1] as number]
    const before = made.at(-1)
    if (before) made.push([x, before[1]])
    made.push([x, y])
  }
  return framed(made)
}
