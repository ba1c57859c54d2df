import { Button, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { openAdd } from '@/state/adding'
import { useLanguage } from '@/state/language'
import { useMayEdit, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { number } from '@/ui/format'
import { Page } from '@/ui/Page'
import type { Asking } from './Actions'
import { type Job, runningOptions, type Video, videosBetween } from './api'
import classes from './bar.module.css'
import { FilterBar } from './FilterBar'
import { FirstUse } from './FirstUse'
import { cleared, type Filter, filterOf, type Order, partsOf, searchOf, type View } from './filter'
import { type Doing, SelectionBar } from './SelectionBar'
import { extended, freed, MOST_CHOSEN, NOTHING, rangeTo, toggled } from './selection'
import { type Shown, ShownContext } from './shown'
import { Toolbar } from './Toolbar'
import { TEXT } from './text'
import { useVideos } from './useVideos'
import { VideoList } from './VideoList'
import { VideoMenu } from './VideoMenu'
import { keepView, keptView } from './view'

const route = getRouteApi('/')
/** Until a window or a menu has gone and given the keyboard back to what opened it. */
const CLOSING_MS = 300
/** The windows in which something is done come when the first of them is opened. */
const Actions = lazy(() => import('./Actions').then((module) => ({ default: module.Actions })))

export function LibraryPage() {
  const say = useText(TEXT)
  const search = route.useSearch()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const workspaceId = useWorkspace()?.id ?? null
  const mayEdit = useMayEdit()
  const key = JSON.stringify(filterOf(search))
  const filter = useMemo(() => JSON.parse(key) as Filter, [key])
  const view: View = search.view === 'list' || search.view === 'grid' ? search.view : keptView()
  const videos = useVideos(filter, workspaceId)
  const [selection, setSelection] = useState(NOTHING)
  const [asking, setAsking] = useState<Asking | null>(null)
  const [hasAsked, setHasAsked] = useState(false)
  const [menu, setMenu] = useState<{ video: Video; at: DOMRect } | null>(null)
  const { ref: barRef, height: barHeight } = useElementSize()
  // What cannot be seen any more must not be changed by mistake.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something else is shown.
  useEffect(() => setSelection(NOTHING), [key, workspaceId])

  const setFilter = (to: Filter, isTyping = false) => {
    void navigate({ to: '/', search: searchOf(to, (search.view as View) ?? null), replace: isTyping })
  }
  const setView = (to: View) => {
    keepView(to)
    void navigate({ to: '/', search: searchOf(filter, to), replace: true, resetScroll: false })
  }
  const sort = (order: Order) => {
    setFilter({ ...filter, order, isAscending: filter.order === order ? !filter.isAscending : order === 'name' })
  }
  const open = useCallback(
    (videoId: string, analysisId?: string | null, at_s?: number | null) =>
      void navigate({
        to: '/videos/$videoId',
        params: { videoId },
        search: { analysis: analysisId ?? undefined, t: at_s ?? undefined },
      }),
    [navigate],
  )
  const shown = useShownFor(videos.loaded, workspaceId, filter.q.trim(), open)
  const total = videos.total ?? 0

  const choose = async (first: number, last: number, index: number) => {
    const found = await videosBetween(queries, filter, workspaceId, first, Math.min(last, first + MOST_CHOSEN - 1))
    setSelection((before) => extended(before, found, index))
  }
  const toggle = (index: number) => {
    const video = videos.at(index)
    if (video) setSelection((before) => toggled(before, video, index))
  }
  const reach = (index: number, from: number) => {
    const anchored = selection.anchor === null ? { ...selection, anchor: from } : selection
    setSelection(anchored)
    void choose(...rangeTo(anchored, index), index)
  }
  const all = () => void choose(0, total - 1, 0)
  const ask = (about: Asking) => {
    setHasAsked(true)
    setAsking(about)
  }
  const endAsking = () => {
    setAsking(null)
    backToList()
  }
  const askMany = (what: Doing) => ask({ what, of: selection.chosen })
  const forget = (what: Doing, ids: readonly string[]) =>
    setSelection((before) => (what === 'addTags' || what === 'removeTags' ? before : freed(before, ids)))

  const isNarrowed = partsOf(filter).length > 0
  const isEmpty = videos.total === 0 && !videos.isOld
  const isFirstUse = isEmpty && !isNarrowed
  return (
    <ShownContext value={shown}>
      <Page
        title={say('title')}
        actions={
          mayEdit && (
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => openAdd()}>
              {say('add')}
            </Button>
          )
        }
      >
        {isFirstUse ? (
          <FirstUse workspaceId={workspaceId} mayEdit={mayEdit} />
        ) : (
          <>
            <div ref={barRef} className={classes.bar}>
              <Toolbar filter={filter} view={view} workspaceId={workspaceId} onFilter={setFilter} onView={setView} />
              {selection.chosen.size > 0 ? (
                <SelectionBar
                  count={selection.chosen.size}
                  total={total}
                  mayEdit={mayEdit}
                  onAll={all}
                  onNone={() => setSelection(NOTHING)}
                  onDo={askMany}
                />
              ) : (
                <div className={classes.chips}>
                  <FilterBar filter={filter} workspaceId={workspaceId} onFilter={setFilter} />
                  <span className={classes.count} role="status">
                    {videos.total === null
                      ? say('looking')
                      : say('count', { count: total, n: number(total, shown.language) })}
                  </span>
                </div>
              )}
              {hasAsked && (
                <Suspense>
                  <Actions asking={asking} workspaceId={workspaceId} onClose={endAsking} onDone={forget} />
                </Suspense>
              )}
            </div>
            {videos.error ? <ErrorNote error={videos.error} again={videos.again} /> : null}
            {isEmpty ? (
              <Stack align="center" gap="xs" py={60}>
                <Title order={2}>{say('nothing')}</Title>
                <Text className="sl-quiet">{say('nothingWhy')}</Text>
                <Button variant="light" onClick={() => setFilter(cleared(filter))}>
                  {say('clearAll')}
                </Button>
              </Stack>
            ) : (
              <VideoList
                videos={videos}
                view={view}
                filter={filter}
                selection={selection}
                covered={barHeight}
                onSort={sort}
                onToggle={toggle}
                onRange={reach}
                onAll={all}
                onNone={() => setSelection(NOTHING)}
                onRemove={() => mayEdit && askMany('remove')}
                onMenu={(video, at) => setMenu({ video, at })}
                onOpen={(video) => open(video.id)}
              />
            )}
          </>
        )}
        <VideoMenu
          video={menu?.video ?? null}
          at={menu?.at ?? null}
          mayEdit={mayEdit}
          onAsk={ask}
          onClose={() => {
            setMenu(null)
            backToList()
          }}
        />
      </Page>
    </ShownContext>
  )
}

/** The keyboard goes back to the list where what it was on is gone: an item of a menu, a bar that has done its work. */
function backToList(): void {
  setTimeout(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body
    if (isNowhere) document.querySelector<HTMLElement>('[role="grid"] [data-index][tabindex="0"]')?.focus()
  }, CLOSING_MS)
}

/** What every entry needs, as one value that changes seldom. */
function useShownFor(videos: readonly Video[], workspaceId: string | null, query: string, go: Shown['go']): Shown {
  const language = useLanguage()
  const say = useText(TEXT)
  const word = useWords()
  const isRunning = videos.some((video) => video.analyses.some((analysis) => analysis.state === 'running'))
  const { data } = useQuery({ ...runningOptions(workspaceId), enabled: isRunning })
  return useMemo(() => {
    const jobs = new Map<string, Job>()
    for (const job of data?.items ?? []) if (job.subject_id) jobs.set(job.subject_id, job)
    return { say, word, language, query, jobs, go }
  }, [say, word, language, query, data, go])
}
