import { Button, Group, Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ago } from '@/ui/format'
import { type Batch, batchesOf, isOver, tally } from './batches'
import classes from './Jobs.module.css'
import { recentJobs } from './queries'
import { TEXT } from './text'
import type { Board } from './useBoard'

/** Analyses that were asked for together, while any of them is not over: how far they are as one. */
export function Batches({ workspaceId, board }: { workspaceId: string | undefined; board: Board }) {
  const say = useText(TEXT)
  const { data } = useQuery(recentJobs(workspaceId))
  const open = batchesOf(data?.items ?? []).filter(({ jobs }) => !isOver(tally(jobs)))
  if (open.length === 0) return null
  return (
    <Card title={say('batches')}>
      <ul className={classes.list}>
        {open.map((batch) => (
          <Row key={batch.id} batch={batch} board={board} />
        ))}
      </ul>
    </Card>
  )
}

const TONES = [
  ['done', 'batchDone', 'var(--sl-pass)'],
  ['failed', 'batchFailed', 'var(--sl-fail)'],
  ['cancelled', 'batchCancelled', 'var(--sl-none)'],
  ['running', 'batchRunning', 'var(--sl-accent)'],
] as const

function Row({ batch, board }: { batch: Batch; board: Board }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const { jobs, desk, createdAt } = batch
  const counts = tally(jobs)
  const what = say(desk === 'qc' || desk === 'interview' ? desk : 'analysis')
  const title = say('batch', { count: jobs.length, what })
  const rest = jobs.filter(({ state }) => state === 'queued' || state === 'running')
  const failed = jobs.filter(({ state }) => state === 'failed')
  return (
    <li className={classes.batch}>
      <Group justify="space-between" gap="xs">
        <span className={classes.name}>{title}</span>
        <span className={classes.about}>{say('asked', { when: ago(createdAt, language) })}</span>
      </Group>
      <Progress.Root size="md" my={6}>
        {TONES.map(([state, key, color]) => (
          <Progress.Section
            key={state}
            value={(100 * counts[state]) / jobs.length}
            color={color}
            aria-label={`${title}: ${say(key, { count: counts[state] })}`}
          />
        ))}
      </Progress.Root>
      <Group justify="space-between" gap="xs">
        <span className={classes.about}>
          {TONES.filter(([state]) => counts[state] > 0).map(([state, key, color]) => (
            <span key={state}>
              <span className={classes.dot} style={{ background: color }} aria-hidden />
              {say(key, { count: counts[state] })}
            </span>
          ))}
          {counts.queued > 0 && <span>{say('batchQueued', { count: counts.queued })}</span>}
        </span>
        {board.mayEdit && (
          <Group gap={4}>
            {failed.length > 0 && (
              <Button size="compact-xs" variant="subtle" onClick={() => board.act('retry', failed)}>
                {say('batchRetry')}
              </Button>
            )}
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => board.askCancel(rest)}>
              {say('batchCancel')}
            </Button>
          </Group>
        )}
      </Group>
    </li>
  )
}
