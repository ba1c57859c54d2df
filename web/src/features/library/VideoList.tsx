import { useElementSize } from '@mantine/hooks'
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Video } from './api'
import { Card, cellId, Line } from './Entry'
import type { Filter, Order, View } from './filter'
import { Heads } from './Heads'
import classes from './list.module.css'
import { Part } from './Part'
import { columnsIn, rangeOf } from './pages'
import { isStep, moved, type Selection } from './selection'
import { useShown } from './shown'
import { useKeptPlace } from './useKeptPlace'
import type { Videos } from './useVideos'

const GAP = 0.875
const LEAST_CARD = 15
const LEAST_CARD_ON_PHONES = 10
const WORDS = 7.15
const LINE = 4.25
const LINE_GAP = 0.3
/** Rows of what a search found inside. */
const FOUND = 3.3
const HEADER_PX = 52
const MOST_FRAMES = 20

export interface ListOf {
  videos: Videos
  view: View
  filter: Filter
  selection: Selection
  /** How much of the window what sticks to its upper edge covers. */
  covered: number
  onSort: (order: Order) => void
  onToggle: (index: number) => void
  onRange: (index: number, from: number) => void
  onAll: () => void
  onNone: () => void
  onRemove: () => void
  onMenu: (video: Video, at: DOMRect) => void
  onOpen: (video: Video) => void
}

function remPx(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
}

/** Whether anything was found inside of videos. Once it was, rows keep their height as long as the search is the same. */
function useHasFound(loaded: readonly Video[], query: string): boolean {
  const before = useRef({ query: '', hasFound: false })
  const isInside = ({ where }: Video['matches'][number]) => where === 'speech' || where === 'event'
  const hasFound =
    query !== '' &&
    ((before.current.query === query && before.current.hasFound) || loaded.some((one) => one.matches.some(isInside)))
  useEffect(() => {
    before.current = { query, hasFound }
  }, [query, hasFound])
  return hasFound
}

/** Thousands of videos, of which only those near the screen are drawn. */
export function VideoList(list: ListOf) {
  const { videos, view, selection } = list
  const { say, query } = useShown()
  const total = videos.total ?? 0
  const { ref: sizeRef, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const [margin, setMargin] = useState(0)
  const [active, setActive] = useState(0)
  const isToFocus = useRef(false)
  const hasFound = useHasFound(videos.loaded, query)
  const at = Math.min(active, Math.max(0, total - 1))

  const rem = remPx()
  const isGrid = view === 'grid'
  const gap = GAP * rem
  const least = (width < 40 * rem ? LEAST_CARD_ON_PHONES : LEAST_CARD) * rem
  const columns = isGrid ? columnsIn(width, least, gap) : 1
  const cardWidth = (width - gap * (columns - 1)) / columns
  const found = hasFound ? FOUND * rem : 0
  const rowHeight = Math.round(
    isGrid ? (cardWidth * 9) / 16 + WORDS * rem + found + gap : (LINE + LINE_GAP) * rem + found,
  )
  const rows = Math.ceil(total / columns)
  const activeRow = Math.floor(at / columns)

  // biome-ignore lint/correctness/useExhaustiveDependencies: where the list begins only changes with what is above it.
  useLayoutEffect(
    () => setMargin((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY),
    [width, list.covered, isGrid, videos.error === null],
  )
  const virtual = useWindowVirtualizer({
    count: width > 0 ? rows : 0,
    estimateSize: () => rowHeight,
    overscan: 4,
    // Scrolling goes on while rows are made.
    useFlushSync: false,
    scrollMargin: margin,
    scrollPaddingStart: HEADER_PX + list.covered,
    // The row with the keyboard stays, or the keyboard would be nowhere once it is scrolled away.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range)
      return shown.includes(activeRow) || activeRow >= rows ? shown : [...shown, activeRow].sort((a, b) => a - b)
    },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are measured anew when the height of rows changed.
  useLayoutEffect(() => virtual.measure(), [rowHeight, columns])

  useKeptPlace(width > 0 && rows > 0)

  const first = virtual.range?.startIndex ?? 0
  const last = virtual.range?.endIndex ?? 0
  const { show } = videos
  useEffect(() => show(rangeOf(first - 2, last + 3, columns)), [show, first, last, columns])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only after the keyboard went somewhere.
  useEffect(() => {
    if (!isToFocus.current) return
    isToFocus.current = false
    virtual.scrollToIndex(activeRow, { align: 'auto' })
    let frame = 0
    const focus = (left: number) => {
      const cell = document.getElementById(cellId(at))
      if (cell) cell.focus({ preventScroll: true })
      else if (left > 0) frame = requestAnimationFrame(() => focus(left - 1))
    }
    focus(MOST_FRAMES)
    return () => cancelAnimationFrame(frame)
  }, [at])

  const go = (to: number) => {
    isToFocus.current = to !== at
    setActive(to)
  }
  const press = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const cell = document.getElementById(cellId(at))
    if (event.key === 'Escape') {
      if (target !== cell) cell?.focus()
      else list.onNone()
      return
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      list.onAll()
      return
    }
    if (
      target !== cell ||
      event.altKey ||
      event.metaKey ||
      (event.ctrlKey && event.key !== 'Home' && event.key !== 'End')
    )
      return
    const video = videos.at(at)
    if (isStep(event.key)) {
      event.preventDefault()
      const rowsShown = Math.max(1, Math.floor((window.innerHeight - HEADER_PX - list.covered) / rowHeight))
      const to = moved(at, event.key, total, columns, rowsShown)
      if (event.shiftKey) list.onRange(to, at)
      go(to)
    } else if (event.key === ' ') {
      event.preventDefault()
      if (event.shiftKey) list.onRange(at, at)
      else list.onToggle(at)
    } else if (event.key === 'Enter' && video) {
      event.preventDefault()
      list.onOpen(video)
    } else if (event.key === 'Delete' && selection.chosen.size) {
      list.onRemove()
    } else if ((event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) && video && cell) {
      event.preventDefault()
      list.onMenu(video, cell.getBoundingClientRect())
    }
  }
  const click = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement
    const index = Number(target.closest<HTMLElement>('[data-index]')?.dataset.index ?? Number.NaN)
    const video = Number.isNaN(index) ? undefined : videos.at(index)
    if (!video) return
    setActive(index)
    const more = target.closest('[data-more]')
    const isTouch = (event.nativeEvent as globalThis.PointerEvent).pointerType === 'touch'
    if (more) list.onMenu(video, more.getBoundingClientRect())
    else if (event.shiftKey) {
      event.preventDefault()
      list.onRange(index, at)
    } else if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      list.onToggle(index)
    } else if (target.closest('[data-tick]')) list.onToggle(index)
    else if (target.closest('a')) return
    else if (isTouch && selection.chosen.size) list.onToggle(index)
    else list.onOpen(video)
  }
  const entry = (index: number) => {
    const video = videos.at(index)
    const isChosen = video !== undefined && selection.chosen.has(video.id)
    const Entry = isGrid ? Card : Line
    return <Entry key={index} index={index} video={video} isChosen={isChosen} isActive={index === at} />
  }
  return (
    <div ref={sizeRef}>
      <Part
        role="grid"
        tabIndex={-1}
        aria-label={say('videos')}
        aria-description={say('gridHint')}
        aria-multiselectable
        aria-rowcount={isGrid ? rows : total + 1}
        aria-busy={videos.isOld}
        data-old={videos.isOld || undefined}
        className={classes.list}
        onKeyDown={press}
        onClick={click}
        onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      >
        {!isGrid && <Heads filter={list.filter} onSort={list.onSort} />}
        <div ref={box} className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index: row, start }) => (
            <Part
              key={row}
              role={isGrid ? 'row' : 'presentation'}
              aria-rowindex={isGrid ? row + 1 : undefined}
              className={classes.row}
              style={{
                height: rowHeight - (isGrid ? gap : LINE_GAP * rem),
                transform: `translateY(${start - margin}px)`,
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
                columnGap: gap,
              }}
            >
              {Array.from({ length: Math.min(columns, total - row * columns) }, (_, column) =>
                entry(row * columns + column),
              )}
            </Part>
          ))}
        </div>
      </Part>
    </div>
  )
}
