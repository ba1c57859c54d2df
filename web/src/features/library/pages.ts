/** So many videos are asked for at once. */
export const PAGE = 50
/** So many pages are kept in memory at most. */
export const MOST_PAGES = 12

export interface Range {
  readonly first: number
  /** The last that is in it. */
  readonly last: number
}

/** Numbers of the pages that a range of videos needs, with the first: it knows how many there are. */
export function pagesFor({ first, last }: Range, total: number | null): number[] {
  const end = total === null ? 0 : Math.max(0, Math.ceil(total / PAGE) - 1)
  const from = Math.min(end, Math.floor(Math.max(0, first) / PAGE))
  const to = Math.min(end, Math.floor(Math.max(0, last) / PAGE))
  const needed = new Set([0])
  for (let page = from; page <= to; page++) needed.add(page)
  return [...needed]
}

/** Which of the pages in memory can go: the farthest from those that are shown, until no more than so many are left. */
export function farPages(kept: readonly number[], shown: readonly number[], most = MOST_PAGES): number[] {
  // The first page is always among them, for its total; it tells nothing about where somebody is.
  const around = shown.length > 1 ? shown.filter((page) => page !== 0) : shown
  const far = (page: number) => Math.min(...around.map((one) => Math.abs(one - page)))
  const free = kept.filter((page) => !shown.includes(page)).sort((one, other) => far(other) - far(one))
  return free.slice(0, Math.max(0, kept.length - most))
}

/** The range of places a few rows around what is on the screen. */
export function rangeOf(firstRow: number, lastRow: number, columns: number): Range {
  return { first: firstRow * columns, last: (lastRow + 1) * columns - 1 }
}

/** As many columns of at least so many pixels as fit. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)))
}
