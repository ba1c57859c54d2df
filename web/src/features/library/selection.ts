/** A video that can be chosen: its place in the list, and enough to name it. */
export interface Choice {
  readonly id: string
  readonly name: string
}

export interface Selection {
  /** Names by id, in the order they were chosen. */
  readonly chosen: ReadonlyMap<string, string>
  /** Where a range with shift begins. */
  readonly anchor: number | null
}

export const NOTHING: Selection = { chosen: new Map(), anchor: null }
/** So many are changed at once at most. */
export const MOST_CHOSEN = 2000

export function toggled(selection: Selection, choice: Choice, index: number): Selection {
  const chosen = new Map(selection.chosen)
  if (!chosen.delete(choice.id) && chosen.size < MOST_CHOSEN) chosen.set(choice.id, choice.name)
  return { chosen, anchor: index }
}

/** First and last place of a range that ends here. */
export function rangeTo(selection: Selection, index: number): readonly [number, number] {
  const anchor = selection.anchor ?? index
  return [Math.min(anchor, index), Math.max(anchor, index)]
}

/** With a range added; the anchor stays, so that the next range begins at the same place. */
export function extended(selection: Selection, range: readonly Choice[], index: number): Selection {
  const chosen = new Map(selection.chosen)
  for (const choice of range) if (chosen.size < MOST_CHOSEN) chosen.set(choice.id, choice.name)
  return { chosen, anchor: selection.anchor ?? index }
}

/** Without those that are gone, as after deleting. */
export function freed(selection: Selection, ids: Iterable<string>): Selection {
  const chosen = new Map(selection.chosen)
  for (const id of ids) chosen.delete(id)
  return { chosen, anchor: chosen.size ? selection.anchor : null }
}

export type Step = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End' | 'PageUp' | 'PageDown'
const STEPS: readonly string[] = [
  'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown',
] // biome-ignore format: one list

export function isStep(key: string): key is Step {
  return STEPS.includes(key)
}

/** Where a key leads from a place in a grid of so many columns; `rows` fit on the screen. */
export function moved(from: number, step: Step, total: number, columns: number, rows: number): number {
  if (total === 0) return 0
  const last = total - 1
  const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[step as 'Home']
  if (to !== undefined) return Math.min(last, Math.max(0, to))
  const down = { ArrowUp: -1, ArrowDown: 1, PageUp: -rows, PageDown: rows }[step as 'PageUp'] * columns
  const landed = from + down
  // From the last full row down to a short one: its last place, not nowhere.
  if (landed > last) return Math.floor(last / columns) > Math.floor(from / columns) ? last : from
  return landed < 0 ? from % columns : landed
}
