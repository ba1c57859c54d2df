/** What the library is narrowed to stands in the address, so that it can be kept and sent. */
export interface LibrarySearch {
  q?: string
  tags?: string[]
  desk?: string
  verdict?: string
  state?: string
  from?: string
  before?: string
  shortest?: number
  longest?: number
  minHeight?: number
  maxHeight?: number
  order?: string
  ascending?: boolean
  view?: string
}

export const DESKS = ['qc', 'interview'] as const
export const VERDICTS = ['pass', 'warn', 'fail'] as const
export const STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export const ORDERS = ['created_at', 'name', 'duration_s', 'size'] as const
export const VIEWS = ['grid', 'list'] as const
export type Order = (typeof ORDERS)[number]
export type View = (typeof VIEWS)[number]

/** What the library is narrowed to and how it is sorted. Dates are local days, `before` is the first that is not in it. */
export interface Filter {
  readonly q: string
  readonly tags: readonly string[]
  readonly desk: string | null
  readonly verdict: string | null
  readonly state: string | null
  readonly from: string | null
  readonly before: string | null
  readonly shortest: number | null
  readonly longest: number | null
  readonly minHeight: number | null
  readonly maxHeight: number | null
  readonly order: Order
  readonly isAscending: boolean
}

export const NO_FILTER: Filter = {
  q: '', tags: [], desk: null, verdict: null, state: null, from: null, before: null, shortest: null, longest: null,
  minHeight: null, maxHeight: null, order: 'created_at', isAscending: false,
} // biome-ignore format: one value

const LONGEST_Q = 200
const MOST_TAGS = 50

function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word | null {
  return words.find((word) => word === value) ?? null
}

/** `2026-11-21` where there is such a day. */
export function dayOf(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return null
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value) ? value : null
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 1e9 ? value : null
}

/** From the address. What it says and cannot be is left out. */
export function filterOf(search: LibrarySearch): Filter {
  const tags = Array.isArray(search.tags) ? search.tags : []
  return {
    q: (search.q ?? '').slice(0, LONGEST_Q),
    tags: [...new Set(tags.map((tag) => tag.trim()).filter(Boolean))].slice(0, MOST_TAGS),
    desk: oneOf(DESKS, search.desk),
    verdict: oneOf(VERDICTS, search.verdict),
    state: oneOf(STATES, search.state),
    from: dayOf(search.from),
    before: dayOf(search.before),
    shortest: amount(search.shortest),
    longest: amount(search.longest),
    minHeight: amount(search.minHeight),
    maxHeight: amount(search.maxHeight),
    order: oneOf(ORDERS, search.order) ?? NO_FILTER.order,
    isAscending: search.ascending === true,
  }
}

/** To the address: only what differs from nothing, so that a plain library has a plain address. */
export function searchOf(filter: Filter, view: View | null = null): LibrarySearch {
  const given: LibrarySearch = {}
  if (filter.q.trim()) given.q = filter.q
  if (filter.tags.length) given.tags = [...filter.tags]
  for (const name of ['desk', 'verdict', 'state', 'from', 'before'] as const) {
    const value = filter[name]
    if (value !== null) given[name] = value
  }
  for (const name of ['shortest', 'longest', 'minHeight', 'maxHeight'] as const) {
    const value = filter[name]
    if (value !== null) given[name] = value
  }
  if (filter.order !== NO_FILTER.order) given.order = filter.order
  if (filter.isAscending) given.ascending = true
  if (view) given.view = view
  return given
}

/** The first moment of a local day, with its zone. */
function momentOf(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return new Date(year, month - 1, date).toISOString()
}

/** Parameters of `GET /videos`. */
export function queryOf(filter: Filter, workspaceId: string | null) {
  return {
    workspace_id: workspaceId ?? undefined,
    q: filter.q.trim() || undefined,
    tag: filter.tags.length ? [...filter.tags] : undefined,
    desk: filter.desk ?? undefined,
    verdict: filter.verdict ?? undefined,
    state: filter.state ?? undefined,
    created_from: filter.from ? momentOf(filter.from) : undefined,
    created_before: filter.before ? momentOf(filter.before) : undefined,
    shortest_s: filter.shortest ?? undefined,
    longest_s: filter.longest ?? undefined,
    min_height: filter.minHeight ?? undefined,
    max_height: filter.maxHeight ?? undefined,
    order: filter.order,
    descending: !filter.isAscending,
  }
}

/** What can be taken off again, one by one. */
export type Part = 'q' | 'desk' | 'verdict' | 'state' | 'date' | 'duration' | 'height' | `tag:${string}`

export function partsOf(filter: Filter): Part[] {
  const parts: Part[] = []
  if (filter.q.trim()) parts.push('q')
  for (const name of ['desk', 'verdict', 'state'] as const) if (filter[name] !== null) parts.push(name)
  for (const tag of filter.tags) parts.push(`tag:${tag}`)
  if (filter.from !== null || filter.before !== null) parts.push('date')
  if (filter.shortest !== null || filter.longest !== null) parts.push('duration')
  if (filter.minHeight !== null || filter.maxHeight !== null) parts.push('height')
  return parts
}

export function without(filter: Filter, part: Part): Filter {
  if (part.startsWith('tag:')) return { ...filter, tags: filter.tags.filter((tag) => `tag:${tag}` !== part) }
  switch (part) {
    case 'q':
      return { ...filter, q: '' }
    case 'date':
      return { ...filter, from: null, before: null }
    case 'duration':
      return { ...filter, shortest: null, longest: null }
    case 'height':
      return { ...filter, minHeight: null, maxHeight: null }
    default:
      return { ...filter, [part]: null }
  }
}

/** Narrowed to nothing; the order stays. */
export function cleared(filter: Filter): Filter {
  return { ...NO_FILTER, order: filter.order, isAscending: filter.isAscending }
}

/** What a saved search calls them: parameters of `GET /videos`. Days stay days: the zone is of whoever looks. */
const SAVED_AS = {
  q: 'q',
  tags: 'tag',
  desk: 'desk',
  verdict: 'verdict',
  state: 'state',
  from: 'created_from',
  before: 'created_before',
  shortest: 'shortest_s',
  longest: 'longest_s',
  minHeight: 'min_height',
  maxHeight: 'max_height',
  order: 'order',
} as const

/** As a saved search keeps it: texts, or lists of them. */
export function savedOf(filter: Filter): Record<string, string | string[]> {
  const search = searchOf(filter)
  const kept: Record<string, string | string[]> = {}
  for (const [name, as] of Object.entries(SAVED_AS)) {
    const value = search[name as keyof typeof SAVED_AS]
    if (value !== undefined) kept[as] = Array.isArray(value) ? value : String(value)
  }
  if (filter.isAscending) kept.descending = 'false'
  return kept
}

export function filterOfSaved(kept: Readonly<Record<string, string | readonly string[]>>): Filter {
  const text = (name: keyof typeof SAVED_AS) => {
    const value = kept[SAVED_AS[name]]
    return typeof value === 'string' ? value : undefined
  }
  const amountOf = (name: keyof typeof SAVED_AS) => (text(name) === undefined ? undefined : Number(text(name)))
  const tags = kept[SAVED_AS.tags] ?? []
  return filterOf({
    q: text('q'),
    tags: typeof tags === 'string' ? [tags] : [...tags],
    desk: text('desk'),
    verdict: text('verdict'),
    state: text('state'),
    from: text('from')?.slice(0, 10),
    before: text('before')?.slice(0, 10),
    shortest: amountOf('shortest'),
    longest: amountOf('longest'),
    minHeight: amountOf('minHeight'),
    maxHeight: amountOf('maxHeight'),
    order: text('order'),
    ascending: kept.descending === 'false',
  })
}

/** Whether two narrow to the same, in the same order. */
export function isSame(one: Filter, other: Filter): boolean {
  return JSON.stringify(savedOf(one)) === JSON.stringify(savedOf(other))
}

/** A local day so many days from one. */
export function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

export function today(now = new Date()): string {
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`
}
