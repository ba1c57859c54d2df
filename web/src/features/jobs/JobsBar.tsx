import { Button, CloseButton, Group, Text } from '@mantine/core'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import classes from './Jobs.module.css'
import { TEXT } from './text'
import type { Board } from './useBoard'

/** What can be done with the selected jobs, how far that is, and how it went. */
export function JobsBar({ board }: { board: Board }) {
  const say = useText(TEXT)
  const picked = [...board.selected.values()]
  const open = picked.filter(({ state }) => state === 'queued' || state === 'running')
  const waiting = picked.filter(({ state }) => state === 'queued')
  const ended = picked.filter(({ state }) => state === 'failed' || state === 'cancelled')
  const { going, result } = board
  return (
    <>
      {picked.length > 0 && (
        <Group className={classes.bar} gap="xs" role="toolbar" aria-label={say('picked', { count: picked.length })}>
          <Text size="sm" fw={600}>
            {say('picked', { count: picked.length })}
          </Text>
          {waiting.length > 0 && (
            <>
              <Button size="compact-sm" variant="light" onClick={() => board.act('up', waiting)}>
                {say('upPicked')}
              </Button>
              <Button size="compact-sm" variant="light" onClick={() => board.act('down', waiting)}>
                {say('downPicked')}
              </Button>
            </>
          )}
          {ended.length > 0 && (
            <Button size="compact-sm" variant="light" onClick={() => board.act('retry', ended)}>
              {say('retryPicked')}
            </Button>
          )}
          {open.length > 0 && (
            <Button size="compact-sm" variant="light" color="red" onClick={() => board.askCancel(open)}>
              {say('cancelPicked')}
            </Button>
          )}
          <CloseButton size="sm" aria-label={say('unpick')} onClick={board.clear} />
        </Group>
      )}
      <div role="status" aria-live="polite">
        {going && going.count > 1 && <Text size="sm">{say('doing', going)}</Text>}
        {result && (
          <Group className={classes.bar} gap="xs" justify="space-between" wrap="nowrap">
            <div>
              {result.done > 0 && <Text size="sm">{say('did', { count: result.done })}</Text>}
              {[...result.refusals].map(([why, count]) => (
                <Text key={why} size="sm">
                  {say('didNot', { count, why })}
                </Text>
              ))}
            </div>
            <CloseButton size="sm" aria-label={say('dismiss')} onClick={board.forgetResult} />
          </Group>
        )}
      </div>
      {board.error ? <ErrorNote error={board.error} again={board.forgetResult} /> : null}
    </>
  )
}
