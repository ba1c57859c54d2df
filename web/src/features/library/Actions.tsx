import { Anchor, CloseButton, List, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Confirm } from '@/ui/Confirm'
import { AnalyseDialog } from './AnalyseDialog'
import { changeVideo, type Video } from './api'
import classes from './bar.module.css'
import { analyseAll, changeAll, type Outcome } from './bulk'
import { Failures } from './Failures'
import { RenameDialog } from './RenameDialog'
import type { Doing } from './SelectionBar'
import { useShown } from './shown'
import { TagsDialog } from './TagsDialog'

const MOST_NAMED = 5
const SAID = { analyse: 'queued', addTags: 'tagged', removeTags: 'tagged', remove: 'removed' } as const

/** What is being asked about: something with many, or the name or the tags of one. */
export type Asking =
  | { readonly what: Doing; readonly of: ReadonlyMap<string, string> }
  | { readonly what: 'rename' | 'tags'; readonly video: Video }

interface ActionsOf {
  asking: Asking | null
  workspaceId: string | null
  onClose: () => void
  onDone: (what: Doing, ids: readonly string[]) => void
}

interface Said {
  readonly what: Doing
  readonly outcome: Outcome
  readonly names: ReadonlyMap<string, string>
}

/** The windows in which something is done with videos, and what is said when it is done. */
export function Actions({ asking, workspaceId, onClose, onDone }: ActionsOf) {
  const { say, language } = useShown()
  const queries = useQueryClient()
  const [said, setSaid] = useState<Said | null>(null)
  const [isTold, setTold] = useState(true)
  const refresh = () => {
    for (const key of ['videos', 'video', 'tags', 'jobs']) void queries.invalidateQueries({ queryKey: [key] })
  }
  const many = useMutation({
    mutationFn: ({ run }: { run: () => Promise<Outcome>; what: Doing; of: ReadonlyMap<string, string> }) => run(),
    onSuccess: (outcome, { what, of }) => {
      setSaid({ what, outcome, names: of })
      setTold(outcome.failed.length === 0)
      onDone(what, outcome.done)
      onClose()
      refresh()
    },
  })
  const one = useMutation({
    mutationFn: ({ id, change }: { id: string; change: { name?: string; tags?: string[] } }) => changeVideo(id, change),
    onSuccess: () => {
      onClose()
      refresh()
    },
  })
  const close = () => {
    one.reset()
    onClose()
  }
  return (
    <>
      <div role="status">
        {said && said.outcome.done.length > 0 && (
          <div className={classes.notice}>
            <span>{say(SAID[said.what], { count: said.outcome.done.length })}</span>
            {said.what === 'analyse' && (
              <Anchor component={Link} to="/work" size="sm">
                {say('toWork')}
              </Anchor>
            )}
            <CloseButton size="sm" aria-label={say('close')} onClick={() => setSaid(null)} />
          </div>
        )}
      </div>
      {said && !isTold && <Failures outcome={said.outcome} names={said.names} onClose={() => setTold(true)} />}
      {asking && 'video' in asking && asking.what === 'rename' && (
        <RenameDialog
          name={asking.video.name}
          isBusy={one.isPending}
          error={one.error}
          onName={(name) => one.mutate({ id: asking.video.id, change: { name } })}
          onClose={close}
        />
      )}
      {asking && 'video' in asking && asking.what === 'tags' && (
        <TagsDialog
          title={say('tagsTitle', { name: asking.video.name })}
          action={say('save')}
          initial={asking.video.tags}
          mayBeNone
          workspaceId={workspaceId}
          isBusy={one.isPending}
          error={one.error}
          onTags={(tags) => one.mutate({ id: asking.video.id, change: { tags } })}
          onClose={close}
        />
      )}
      {asking && 'of' in asking && asking.what === 'analyse' && (
        <AnalyseDialog
          count={asking.of.size}
          workspaceId={workspaceId}
          isBusy={many.isPending}
          onWish={(wish) => many.mutate({ ...asking, run: () => analyseAll([...asking.of.keys()], wish) })}
          onClose={close}
        />
      )}
      {asking && 'of' in asking && (asking.what === 'addTags' || asking.what === 'removeTags') && (
        <TagsDialog
          title={say(`${asking.what}Title`, { count: asking.of.size })}
          action={say(asking.what)}
          workspaceId={workspaceId}
          isBusy={many.isPending}
          onTags={(tags) => {
            const action = asking.what === 'addTags' ? 'add_tags' : 'remove_tags'
            many.mutate({ ...asking, run: () => changeAll([...asking.of.keys()], action, tags, language) })
          }}
          onClose={close}
        />
      )}
      {asking && 'of' in asking && asking.what === 'remove' && (
        <Confirm
          isOpen
          title={say('removeTitle', { count: asking.of.size })}
          action={say('removeDo', { count: asking.of.size })}
          isDangerous
          isBusy={many.isPending}
          onConfirm={() =>
            many.mutate({ ...asking, run: () => changeAll([...asking.of.keys()], 'remove', [], language) })
          }
          onClose={close}
        >
          <Stack gap="xs">
            <List size="sm">
              {[...asking.of].slice(0, MOST_NAMED).map(([id, name]) => (
                <List.Item key={id}>{name}</List.Item>
              ))}
            </List>
            {asking.of.size > MOST_NAMED && (
              <Text size="sm">{say('andMore', { count: asking.of.size - MOST_NAMED })}</Text>
            )}
            <Text size="sm">{say('removeWhat')}</Text>
          </Stack>
        </Confirm>
      )}
    </>
  )
}
