import { Center, Loader, Stack, Tabs, Text } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { type Seconds, seconds } from '@/state/seconds'
import { useText } from '@/state/text'
import type { Analysis, Video } from './data/evidence'
import { Header } from './Header'
import { LaneArea } from './lanes/LaneArea'
import type { Stage } from './lanes/stage'
import { type Lanes, useScene } from './lanes/useScene'
import { useStage } from './lanes/useStage'
import { Playback, PlaybackContext, usePlaybackState } from './playback'
import { type Actions, actionsFor } from './player/actions'
import { MachineContext, WritingContext } from './player/context'
import { KeyHelp } from './player/KeyHelp'
import { Machine } from './player/machine'
import { Player } from './player/Player'
import { useKeys } from './player/useKeys'
import { usePictures } from './player/usePictures'
import { Splitter } from './Splitter'
import { TEXT } from './text'
import classes from './Viewer.module.css'

const JudgementPanel = lazy(async () => ({
  default: (await import('./judgement/JudgementPanel')).JudgementPanel,
}))
const AnalysisBar = lazy(async () => ({ default: (await import('./judgement/AnalysisBar')).AnalysisBar }))

interface Props {
  video: Video
  analysis: Analysis | null
  /** Where to begin. */
  at: Seconds | null
}

/** A video with everything that is known of it, all of it at one place of one clock. */
export function Viewer({ video, analysis, at }: Props) {
  const [{ playback, machine }] = useState(() => {
    const made = new Playback(seconds(video.duration_s ?? 0))
    return { playback: made, machine: new Machine(made) }
  })
  const pictures = usePictures(video, analysis, playback)
  const writing = useMemo(() => ({ pictures, startTimecode: video.start_timecode }), [pictures, video.start_timecode])
  useEffect(() => machine.setPictures(pictures), [machine, pictures])
  useEffect(() => {
    if (at !== null) playback.seek(at)
  }, [playback, at])

  return (
    <PlaybackContext value={playback}>
      <MachineContext value={machine}>
        <WritingContext value={writing}>
          <Screen key={video.id} video={video} analysis={analysis} machine={machine} />
        </WritingContext>
      </MachineContext>
    </PlaybackContext>
  )
}

/** What an analysis brings for the lanes, where there is one that is done. */
interface Evidence {
  readonly stage: Stage
  readonly lanes: Lanes
}

function Screen({ video, analysis, machine }: { video: Video; analysis: Analysis | null; machine: Machine }) {
  const evidence = useRef<Evidence | null>(null)
  const frame = useRef<HTMLElement>(null)
  const [isHelping, setHelping] = useState(false)
  const actions = useMemo(
    () =>
      actionsFor({
        machine,
        zoomer: () => evidence.current?.stage ?? null,
        stops: () => ({
          events: evidence.current?.lanes.scene.events ?? [],
          shots: evidence.current?.lanes.scene.shots.map(({ start_s }) => start_s) ?? [],
        }),
        fullScreen: () => {
          if (document.fullscreenElement) void document.exitFullscreen()
          else void frame.current?.requestFullscreen()
        },
        help: () => setHelping(true),
      }),
    [machine],
  )
  useKeys(actions)
  const isDone = analysis !== null && analysis.revision > 0
  const player = <Player video={video} actions={actions} frame={frame} />
  const panel = (
    <Suspense fallback={<Waiting />}>
      {isDone ? <JudgementPanel video={video} analysis={analysis} /> : <NotYet analysis={analysis} />}
    </Suspense>
  )
  const lanes = isDone ? (
    <Evidences analysis={analysis} hasPictures={video.width !== null} into={evidence} actions={actions} />
  ) : null
  return (
    <div className={classes.page}>
      <Header video={video}>
        <Suspense fallback={null}>
          <AnalysisBar video={video} analysis={analysis} />
        </Suspense>
      </Header>
      <Layout player={player} panel={panel} lanes={lanes} />
      <KeyHelp isOpen={isHelping} onClose={() => setHelping(false)} />
    </div>
  )
}

interface EvidencesProps {
  analysis: Analysis
  hasPictures: boolean
  into: React.RefObject<Evidence | null>
  actions: Actions
}

function Evidences({ analysis, hasPictures, into }: EvidencesProps) {
  const duration = usePlaybackState((state) => state.duration)
  const stage = useStage(analysis, duration)
  const lanes = useScene(analysis, stage, hasPictures)
  useEffect(() => {
    into.current = { stage, lanes }
    return () => {
      into.current = null
    }
  }, [into, stage, lanes])
  return <LaneArea analysis={analysis} stage={stage} lanes={lanes} />
}

/** On wide screens player and panel beside each other over the lanes, else one below the other with tabs. */
function Layout({ player, panel, lanes }: { player: ReactNode; panel: ReactNode; lanes: ReactNode }) {
  const say = useText(TEXT)
  const isWide = useMediaQuery('(min-width: 62em) and (min-height: 34em)', undefined, {
    getInitialValueInEffect: false,
  })
  const [across, setAcross] = useLocalStorage({
    key: 'sightline.split',
    defaultValue: 0.6,
    getInitialValueInEffect: false,
  })
  const [down, setDown] = useLocalStorage({
    key: 'sightline.lanesFrom',
    defaultValue: 0.56,
    getInitialValueInEffect: false,
  })
  if (isWide) {
    const rows = lanes ? `minmax(0, ${down}fr) auto minmax(0, ${1 - down}fr)` : 'minmax(0, 1fr)'
    return (
      <div className={classes.wide} style={{ gridTemplateRows: rows }}>
        <div
          className={classes.upper}
          style={{ gridTemplateColumns: `minmax(0, ${across}fr) auto minmax(0, ${1 - across}fr)` }}
        >
          {player}
          <Splitter
            label={say('resizePanel')}
            orientation="vertical"
            value={across}
            onChange={setAcross}
            least={0.25}
            most={0.8}
          />
          <div className={classes.panel}>{panel}</div>
        </div>
        {lanes && (
          <>
            <Splitter
              label={say('resizeLanes')}
              orientation="horizontal"
              value={down}
              onChange={setDown}
              least={0.25}
              most={0.85}
            />
            {lanes}
          </>
        )}
      </div>
    )
  }
  return (
    <div className={classes.narrow}>
      <div className={classes.narrowPlayer}>{player}</div>
      <Tabs defaultValue="findings" keepMounted>
        <Tabs.List grow>
          <Tabs.Tab value="findings">{say('findings')}</Tabs.Tab>
          {lanes && <Tabs.Tab value="lanes">{say('lanes')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="findings" className={classes.panel}>
          {panel}
        </Tabs.Panel>
        {lanes && (
          <Tabs.Panel value="lanes" className={classes.narrowLanes}>
            {lanes}
          </Tabs.Panel>
        )}
      </Tabs>
    </div>
  )
}

function NotYet({ analysis }: { analysis: Analysis | null }) {
  const say = useText(TEXT)
  if (analysis) {
    return (
      <Stack p="lg" align="center" gap="xs">
        <Text className="sl-quiet">{say(analysis.state === 'failed' ? 'failed' : 'running')}</Text>
      </Stack>
    )
  }
  return (
    <Stack p="lg" align="center" gap={4} ta="center">
      <Text fw={600}>{say('noAnalysis')}</Text>
      <Text size="sm" className="sl-quiet">
        {say('noAnalysisWhy')}
      </Text>
    </Stack>
  )
}

export function Waiting() {
  return (
    <Center p="xl">
      <Loader size="sm" type="dots" />
    </Center>
  )
}
