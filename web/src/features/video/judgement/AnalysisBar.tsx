import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowsDiff, IconChevronDown, IconDots, IconPlus, IconShare2, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { isShare, type Schemas } from '@/api/client'
import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { AnalysisName } from './bar/AnalysisName'
import classes from './bar/Bar.module.css'
import { ExportMenu } from './bar/ExportMenu'
import { Outcome } from './bar/Outcome'
import { analysesOf, useLook, useRemove } from './bar/queries'
import { TEXT } from './bar/text'
import { useMayChange } from './rights'

const NewAnalysis = lazy(() => import('./bar/NewAnalysis').then((made) => ({ default: made.NewAnalysis })))
const ShareDialog = lazy(() => import('./bar/ShareDialog').then((made) => ({ default: made.ShareDialog })))

interface Shows {
  video: Schemas['VideoView']
  analysis: Schemas['AnalysisDetail'] | null
}

/** Which of the video's analyses is looked at, another one, how it fares, and what leaves the house. */
export function AnalysisBar({ video, analysis }: Shows) {
  const say = useText(TEXT)
  const mayChange = useMayChange(video.workspace_id)
  const look = useLook()
  const [isMaking, making] = useDisclosure(false)
  const [isSharing, sharing] = useDisclosure(false)
  const isDone = analysis !== null && analysis.revision > 0
  return (
    <div className={classes.bar}>
      {analysis ? (
        <Picker video={video} analysis={analysis} />
      ) : (
        <div>
          <Text size="sm" fw={600}>
            {say('none')}
          </Text>
          {mayChange && (
            <Text size="sm" className="sl-quiet">
              {say('noneWhy')}
            </Text>
          )}
        </div>
      )}
      {mayChange && (
        <Button
          size="compact-md"
          fz="sm"
          variant={analysis ? 'default' : 'filled'}
          leftSection={<IconPlus size={16} aria-hidden />}
          disabled={video.media_removed_at !== null}
          onClick={making.open}
        >
          {say('create')}
        </Button>
      )}
      <span className={classes.grow} />
      {isDone && !isShare() && <CompareMenu video={video} analysis={analysis} />}
      {isDone && <ExportMenu video={video} analysis={analysis} />}
      {isDone && mayChange && (
        <Button
          size="compact-md"
          fz="sm"
          variant="default"
          leftSection={<IconShare2 size={16} aria-hidden />}
          onClick={sharing.open}
        >
          {say('share')}
        </Button>
      )}
      {analysis && mayChange && <MoreMenu analysis={analysis} onRemoved={() => look({ analysis: undefined })} />}
      {analysis && <Outcome analysis={analysis} mayChange={mayChange} />}
      <Suspense>
        {isMaking && (
          <NewAnalysis
            video={video}
            like={analysis}
            onClose={making.close}
            onMade={(id) => {
              making.close()
              look({ analysis: id, beside: undefined })
            }}
          />
        )}
        {isSharing && analysis && <ShareDialog analysis={analysis} onClose={sharing.close} />}
      </Suspense>
    </div>
  )
}

function Picker({ video, analysis }: { video: Schemas['VideoView']; analysis: Schemas['AnalysisDetail'] }) {
  const say = useText(TEXT)
  const look = useLook()
  const { data = [] } = useQuery(analysesOf(video.id))
  if (isShare() || data.length < 2) {
    return (
      <span className={classes.picker} style={{ cursor: 'default' }}>
        <AnalysisName analysis={analysis} />
      </span>
    )
  }
  return (
    <Menu position="bottom-start" width={380}>
      <Menu.Target>
        <button type="button" className={classes.picker} aria-label={say('analyses')}>
          <AnalysisName analysis={analysis} />
          <IconChevronDown size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
        <Menu.Label>{say('analyses')}</Menu.Label>
        {data.map((one) => (
          <Menu.Item
            key={one.id}
            role="menuitemradio"
            aria-checked={one.id === analysis.id}
            bg={one.id === analysis.id ? 'var(--mantine-primary-color-light)' : undefined}
            onClick={() => look({ analysis: one.id, beside: undefined })}
          >
            <AnalysisName analysis={one} isDated />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function CompareMenu({ video, analysis }: { video: Schemas['VideoView']; analysis: Schemas['AnalysisDetail'] }) {
  const say = useText(TEXT)
  const look = useLook()
  const { beside } = useSearch({ strict: false }) as { beside?: string }
  const { data = [] } = useQuery(analysesOf(video.id))
  const others = data.filter((one) => one.id !== analysis.id && one.desk === analysis.desk && one.revision > 0)
  if (beside)
    return (
      <Button size="compact-md" fz="sm" variant="default" onClick={() => look({ beside: undefined })}>
        {say('stopComparing')}
      </Button>
    )
  return (
    <Menu position="bottom-end" width={360}>
      <Menu.Target>
        <Button
          size="compact-md"
          fz="sm"
          variant="default"
          leftSection={<IconArrowsDiff size={16} aria-hidden />}
          disabled={!others.length}
          title={others.length ? undefined : say('compareNone')}
        >
          {say('compare')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
        {others.map((one) => (
          <Menu.Item key={one.id} onClick={() => look({ beside: one.id })}>
            <AnalysisName analysis={one} isDated />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function MoreMenu({ analysis, onRemoved }: { analysis: Schemas['AnalysisDetail']; onRemoved: () => void }) {
  const say = useText(TEXT)
  const [isAsking, asking] = useDisclosure(false)
  const remove = useRemove(analysis.id, onRemoved)
  return (
    <Group gap={0}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={say('more')}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={asking.open}>
            {say('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        isOpen={isAsking}
        title={say('removeTitle')}
        action={say('removeIt')}
        isDangerous
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={asking.close}
      >
        {say('removeWhy')}
      </Confirm>
    </Group>
  )
}
