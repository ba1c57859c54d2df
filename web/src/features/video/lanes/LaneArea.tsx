import { ActionIcon, Button, Group, Text, Tooltip, useComputedColorScheme } from '@mantine/core'
import { IconArrowAutofitWidth, IconListDetails, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { seconds } from '@/state/seconds'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { fitted, pixelOf } from '../axis/view'
import type { Analysis } from '../data/evidence'
import { usePlayback } from '../playback'
import { findingOf } from '../player/actions'
import { useWriting } from '../player/context'
import { momentText, rulerText } from '../player/moment'
import { perSecond } from '../player/timecode'
import { moved } from './chosen'
import { EventList } from './EventList'
import { follow, scrub } from './gestures'
import { LaneHead } from './LaneHead'
import { LaneMenu } from './LaneMenu'
import classes from './Lanes.module.css'
import { heightOfAll } from './layout'
import { Overview } from './Overview'
import { Pointer } from './Pointer'
import type { Scene } from './scene'
import type { Stage } from './stage'
import { TEXT } from './text'
import type { Lanes } from './useScene'

interface Props {
  analysis: Analysis
  stage: Stage
  lanes: Lanes
  /** More buttons for the row above. */
  children?: ReactNode
}

/** From this width on the list of events has room beside the lanes. */
const WIDE_PX = 1200

/** The lanes: names at the left, what happens over time at the right, all of it on one axis. */
export function LaneArea({ stage, lanes, children }: Props) {
  const say = useText(TEXT)
  const { scene, chosen, choose, error, retry } = lanes
  const [isListed, setListed] = useState(() => window.innerWidth >= WIDE_PX)
  const ICON = { size: 17, stroke: 1.7, 'aria-hidden': true } as const
  const button = (label: string, act: () => void, icon: ReactNode) => (
    <Tooltip label={label} openDelay={500} withinPortal>
      <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} onClick={act}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
  return (
    <section className={classes.area} aria-label={say('timeline')}>
      <Group className={classes.bar} gap={4} wrap="nowrap" justify="space-between">
        <Group gap={2} wrap="nowrap">
          {button(say('zoomOut'), () => stage.zoom(1 / 1.6), <IconZoomOut {...ICON} />)}
          {button(say('zoomIn'), () => stage.zoom(1.6), <IconZoomIn {...ICON} />)}
          {button(say('showAll'), () => stage.showWhole(), <IconArrowAutofitWidth {...ICON} />)}
          <Text size="xs" className={`sl-quiet ${classes.hint}`}>
            {say('hint', { key: /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl' })}
          </Text>
        </Group>
        <Group gap={4} wrap="nowrap">
          {children}
          <Button
            variant={isListed ? 'light' : 'subtle'}
            color={isListed ? undefined : 'gray'}
            size="compact-xs"
            fw={500}
            aria-pressed={isListed}
            leftSection={<IconListDetails size={16} aria-hidden />}
            onClick={() => setListed(!isListed)}
          >
            {say('list')}
          </Button>
          <LaneMenu lanes={lanes} />
        </Group>
      </Group>
      {error ? <ErrorNote error={error} again={retry} /> : null}
      <div className={classes.middle}>
        <div className={classes.over}>
          <Surfaces stage={stage} scene={scene}>
            {scene.lanes.map((lane, place) => (
              <LaneHead
                key={lane.id}
                lane={lane}
                stage={stage}
                scene={scene}
                isFirst={place === 0}
                isLast={place === scene.lanes.length - 1}
                onMove={(by) => choose(moved(chosen, lane.id, place + by))}
                onRemove={() => choose(chosen.filter((id) => id !== lane.id))}
              />
            ))}
          </Surfaces>
          <div className={classes.foot}>
            <Overview stage={stage} />
          </div>
        </div>
        {isListed && <EventList scene={scene} onClose={() => setListed(false)} />}
      </div>
    </section>
  )
}

/** The canvases, the names beside them, and what moves over them. */
function Surfaces({ stage, scene, children }: { stage: Stage; scene: Scene; children: ReactNode }) {
  const height = heightOfAll(scene.lanes)
  const say = useText(TEXT)
  const playback = usePlayback()
  const writing = useWriting()
  const scheme = useComputedColorScheme()
  const scroller = useRef<HTMLDivElement>(null)
  const surface = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const ruler = useRef<HTMLCanvasElement>(null)
  const rulerBox = useRef<HTMLDivElement>(null)
  const head = useRef<HTMLDivElement>(null)
  const needle = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const { pictures } = writing
    stage.clock = {
      label: (at, step) => rulerText(writing, at, step),
      rate: pictures ? perSecond(pictures.rate) : null,
      firstPicture: pictures?.startOf(0) ?? 0,
    }
    stage.draw()
  }, [stage, writing])

  useEffect(() => {
    if (!canvas.current || !ruler.current || !scroller.current || !surface.current || !rulerBox.current) return
    const ends = [
      stage.mount({ lanes: canvas.current, ruler: ruler.current, scroller: scroller.current }),
      follow(surface.current, stage, {
        click: (x, y) => {
          const event = stage.eventAt(x, y)
          if (event) playback.show(findingOf(event))
          else playback.seek(seconds(stage.view.start + (x / stage.view.width) * (stage.view.end - stage.view.start)))
          stage.isFollowing = true
        },
        double: (x, y) => {
          const event = stage.eventAt(x, y)
          if (!event) return
          const span = { start: seconds(event.start_s), end: seconds(event.end_s) }
          stage.setView(fitted(span, stage.whole, stage.view.width))
        },
      }),
      follow(ruler.current, stage, { click: () => {}, double: () => {} }, true),
      scrub(rulerBox.current, stage),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [stage, playback])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme, other colours
  useEffect(() => stage.repaint(), [stage, scheme])

  useEffect(
    () =>
      stage.onDraw(({ view }) => {
        const at = playback.state.time
        const x = Math.round(pixelOf(view, at))
        const isSeen = x >= -1 && x <= view.width + 1
        for (const element of [head.current, needle.current]) {
          if (!element) continue
          element.style.transform = `translateX(${x}px)`
          element.style.visibility = isSeen ? 'visible' : 'hidden'
        }
        rulerBox.current?.setAttribute('aria-valuenow', at.toFixed(2))
        rulerBox.current?.setAttribute('aria-valuetext', momentText(writing, at))
      }),
    [stage, playback, writing],
  )

  // What is chosen elsewhere comes into sight.
  useEffect(() => {
    let shown = playback.state.finding
    return playback.listen(() => {
      const { finding } = playback.state
      if (finding && finding !== shown) stage.bring(finding.span)
      shown = finding
    })
  }, [playback, stage])

  return (
    <>
      <div className={classes.rulerRow}>
        <div className={classes.corner} />
        <div
          ref={rulerBox}
          className={classes.ruler}
          role="slider"
          tabIndex={0}
          data-keys="page"
          aria-label={say('ruler')}
          aria-description={say('rulerHint')}
          aria-valuemin={0}
          aria-valuemax={Number(stage.whole.end.toFixed(2))}
          aria-valuenow={0}
        >
          <canvas ref={ruler} aria-hidden />
          <div className={classes.playhead} ref={head} aria-hidden />
        </div>
      </div>
      <div className={classes.scroller} ref={scroller}>
        <div className={classes.inner} style={{ minHeight: height }}>
          <ul className={classes.heads}>{children}</ul>
          <div className={classes.surface}>
            <div className={classes.sticky} ref={surface}>
              <canvas ref={canvas} role="img" aria-label={say('canvas')} />
              <div className={classes.needle} ref={needle} aria-hidden />
              <Pointer stage={stage} scene={scene} />
            </div>
          </div>
        </div>
        {height === 0 && <p className={classes.empty}>{say('noLanes')}</p>}
      </div>
    </>
  )
}
