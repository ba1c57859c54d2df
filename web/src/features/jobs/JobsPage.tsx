import { Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { openAdd } from '@/state/adding'
import { useMayEdit, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { Holds } from '@/ui/Holds'
import { Page } from '@/ui/Page'
import { Arriving } from './Arriving'
import { Batches } from './Batches'
import { type All, Confirms } from './Confirms'
import { JobList } from './JobList'
import { JobsBar } from './JobsBar'
import type { State } from './queries'
import { TEXT } from './text'
import { useBoard } from './useBoard'

const route = getRouteApi('/work')
const KINDS = ['analysis', 'fetch', 'preview'] as const

/** What can be shown, and the sections each is made of. */
const VIEWS = {
  all: ['active', 'failed', 'over'],
  active: ['active'],
  failed: ['failed'],
  done: ['done'],
  cancelled: ['cancelled'],
} as const satisfies Record<string, readonly string[]>
type View = keyof typeof VIEWS
const STATES: Readonly<Record<string, readonly State[]>> = {
  active: ['running', 'queued'],
  failed: ['failed'],
  over: ['done', 'cancelled'],
  done: ['done'],
  cancelled: ['cancelled'],
}

/** Work in progress: what runs, waits, failed and is done, and what can be done about it. */
export function JobsPage() {
  const say = useText(TEXT)
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const workspaceId = useWorkspace()?.id
  const mayEdit = useMayEdit()
  const board = useBoard(mayEdit)
  const [all, askAll] = useState<All | null>(null)

  const view: View = search.state !== undefined && search.state in VIEWS ? (search.state as View) : 'all'
  const what = (section: string) => ({ workspaceId, states: STATES[section] ?? [], kind: search.kind })
  const show = (state: string, kind = search.kind) =>
    navigate({ search: { state: state === 'all' ? undefined : state, kind }, replace: true })

  const views = (Object.keys(VIEWS) as View[]).map((state) => ({ value: state, label: say(state) }))
  const actions: Readonly<Record<string, React.ReactNode>> = {
    active: (
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => askAll('cancel')}>
        {say('cancelWaiting')}
      </Button>
    ),
    failed: (
      <Button size="compact-sm" variant="light" onClick={() => askAll('retry')}>
        {say('retryAll')}
      </Button>
    ),
  }
  return (
    <Page
      title={say('title')}
      actions={
        mayEdit && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => openAdd()}>
            {say('add')}
          </Button>
        )
      }
    >
      <Stack gap="md">
        <Stack gap={0}>
          <Group gap="sm">
            <SegmentedControl
              visibleFrom="sm"
              aria-label={say('filter')}
              value={view}
              onChange={(state) => show(state)}
              data={views}
            />
            <Select
              hiddenFrom="sm"
              aria-label={say('filter')}
              w={150}
              value={view}
              onChange={(state) => state && show(state)}
              data={views}
              allowDeselect={false}
            />
            <Select
              aria-label={say('kind')}
              w={150}
              value={search.kind ?? ''}
              onChange={(kind) => show(view, kind || undefined)}
              data={[{ value: '', label: say('anyKind') }, ...KINDS.map((kind) => ({ value: kind, label: say(kind) }))]}
              allowDeselect={false}
            />
          </Group>
          <JobsBar board={board} />
        </Stack>
        {(view === 'all' || view === 'active') && <Holds />}
        {view === 'all' && !search.kind && <Batches workspaceId={workspaceId} board={board} />}
        {(view === 'all' || view === 'active') && !search.kind && <Arriving workspaceId={workspaceId} />}
        {VIEWS[view].map((section) => (
          <JobList
            key={section}
            title={say(section)}
            what={what(section)}
            board={board}
            isInTurn={section === 'active'}
            actions={() => mayEdit && actions[section]}
            empty={
              section === 'active' ? (
                <Nothing text={say('idle')} more={say('noneWhy')} />
              ) : (
                view !== 'all' && <Nothing text={say('noneFound')} />
              )
            }
          />
        ))}
      </Stack>
      <Confirms board={board} all={all} close={() => askAll(null)} workspaceId={workspaceId} kind={search.kind} />
    </Page>
  )
}

function Nothing({ text, more }: { text: string; more?: string }) {
  return (
    <div>
      <Text size="sm">{text}</Text>
      {more && (
        <Text size="sm" className="sl-quiet">
          {more}
        </Text>
      )}
    </div>
  )
}
