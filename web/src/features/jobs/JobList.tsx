import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { inTurn } from './batches'
import { JobRow } from './JobRow'
import classes from './Jobs.module.css'
import { type Asked, jobsOf } from './queries'
import { TEXT } from './text'
import type { Board } from './useBoard'

interface Shown {
  title: string
  what: Asked
  board: Board
  /** What is shown where there is none; without it the whole section is left out. */
  empty?: ReactNode
  actions?: (count: number) => ReactNode
  /** In the order they run instead of the newest first. */
  isInTurn?: boolean
}

/** Jobs of some states, page after page. */
export function JobList({ title, what, board, empty, actions, isInTurn }: Shown) {
  const say = useText(TEXT)
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    jobsOf(what),
  )
  const found = data?.pages.flatMap(({ items }) => items) ?? []
  const jobs = isInTurn ? inTurn(found) : found
  if (data && jobs.length === 0 && !empty && !error) return null
  const count = hasNextPage ? `${jobs.length}+` : String(jobs.length)
  return (
    <Card title={jobs.length > 0 ? `${title} · ${count}` : title} actions={jobs.length > 0 && actions?.(jobs.length)}>
      {error && !data && <ErrorNote error={error} again={() => void refetch()} />}
      {isPending && (
        <div className={classes.list} aria-busy>
          {[1, 2, 3].map((row) => (
            <Skeleton key={row} h={38} my={10} />
          ))}
        </div>
      )}
      {data && jobs.length === 0 && empty}
      {jobs.length > 0 && (
        <ul className={classes.list}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} board={board} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button variant="subtle" size="compact-sm" mt="xs" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {say('more')}
        </Button>
      )}
    </Card>
  )
}
