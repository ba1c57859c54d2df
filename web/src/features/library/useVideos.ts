import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { pageOptions, type Video } from './api'
import type { Filter } from './filter'
import { farPages, PAGE, pagesFor, type Range } from './pages'

/** So often it is looked which pages are on the screen: most that fly by are not asked for. */
const LOOK_MS = 90
const TOP: Range = { first: 0, last: PAGE - 1 }

export interface Videos {
  /** How many there are in all; null before that is known. */
  readonly total: number | null
  /** The video at a place; undefined while its page is on its way. */
  readonly at: (index: number) => Video | undefined
  readonly loaded: readonly Video[]
  /** What is shown belongs to the filter before. */
  readonly isOld: boolean
  readonly error: unknown
  readonly again: () => void
  /** Says which places are on the screen. */
  readonly show: (range: Range) => void
}

/** The videos a filter leaves: only the pages on the screen and a few around them are in memory. */
export function useVideos(filter: Filter, workspaceId: string | null): Videos {
  const queries = useQueryClient()
  const [range, setRange] = useState(TOP)
  const latest = useRef(TOP)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  // The list before stays until the next is there.
  const first = useQuery({ ...pageOptions(filter, workspaceId, 0), placeholderData: keepPreviousData })
  const total = first.data ? (first.data.total ?? first.data.items.length) : null
  const isOld = first.isPlaceholderData
  const pages = useMemo(() => pagesFor(range, isOld ? null : total), [range, total, isOld])
  const below = useMemo(() => pages.filter((page) => page !== 0), [pages])
  const rest = useQueries({ queries: below.map((page) => pageOptions(filter, workspaceId, page)) })

  useEffect(() => {
    const held = queries.getQueryCache().findAll({ queryKey: ['videos', 'page', workspaceId, filter] })
    const gone = new Set(farPages(held.map((query) => query.queryKey[4] as number), pages)) // biome-ignore format: short
    for (const query of held) if (gone.has(query.queryKey[4] as number)) queries.getQueryCache().remove(query)
  }, [queries, pages, filter, workspaceId])

  const byPage = new Map<number, readonly Video[] | undefined>([[0, first.data?.items]])
  below.forEach((page, index) => {
    byPage.set(page, rest[index]?.data?.items)
  })
  const show = useCallback((next: Range) => {
    latest.current = next
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setRange(latest.current)
    }, LOOK_MS)
  }, [])
  const failed = [first, ...rest].filter((answer) => answer.isError)
  return {
    total,
    at: (index) => byPage.get(Math.floor(index / PAGE))?.[index % PAGE],
    loaded: [...byPage.values()].flatMap((items) => items ?? []),
    isOld,
    error: failed[0]?.error ?? null,
    again: () => {
      for (const answer of failed) void answer.refetch()
    },
    show,
  }
}
