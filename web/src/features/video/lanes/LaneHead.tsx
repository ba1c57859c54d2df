import { ActionIcon, Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDotsVertical, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { usePlayback } from '../playback'
import type { Group } from './groups'
import classes from './Lanes.module.css'
import { EVENT_ROW_PX, type Lane } from './layout'
import { useNames } from './names'
import type { Scene } from './scene'
import type { Stage } from './stage'
import { TEXT } from './text'
import { valueText } from './values'

interface Props {
  lane: Lane
  stage: Stage
  scene: Scene
  isFirst: boolean
  isLast: boolean
  onMove: (by: number) => void
  onRemove: () => void
}

/** What a lane shows, its values at the playhead, and what can be done with it. */
export function LaneHead({ lane, stage, scene, isFirst, isLast, onMove, onRemove }: Props) {
  const say = useText(TEXT)
  const names = useNames(scene.labels)
  const name = names.lane(lane)
  return (
    <li className={classes.head} style={{ height: lane.height }} data-kind={lane.kind}>
      <div className={lane.kind === 'events' ? classes.eventsTop : classes.headTop}>
        <span className={classes.headName}>{name}</span>
        <Menu position="right-start" withinPortal>
          <Menu.Target>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={say('laneMenu', { name })}
              className={classes.headMenu}
            >
              <IconDotsVertical size={14} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconArrowUp size={14} />} disabled={isFirst} onClick={() => onMove(-1)}>
              {say('moveUp', { name })}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowDown size={14} />} disabled={isLast} onClick={() => onMove(1)}>
              {say('moveDown', { name })}
            </Menu.Item>
            <Menu.Item leftSection={<IconX size={14} />} onClick={onRemove}>
              {say('remove', { name })}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {lane.group && <Curves lane={lane} group={lane.group} stage={stage} scene={scene} />}
      {lane.kind === 'events' && <Kinds scene={scene} />}
    </li>
  )
}

interface CurvesProps {
  lane: Lane
  group: Group
  stage: Stage
  scene: Scene
}

function Curves({ lane, group, stage, scene }: CurvesProps) {
  const word = useWords()
  const names = useNames(scene.labels)
  const language = useLanguage()
  const playback = usePlayback()
  const list = useRef<HTMLUListElement>(null)
  const top = useRef<HTMLSpanElement>(null)
  const foot = useRef<HTMLSpanElement>(null)
  const unit = word(`unit.${group.unit}`, group.unit)

  useEffect(() => {
    let written = -1
    let axisOf: unknown = null
    const write = () => {
      // At the very end nothing begins any more; the last of what was measured is still on screen.
      const at = Math.min(playback.state.time, stage.whole.end - 1e-3)
      const axis = stage.axisOf(lane)
      if (axis && axis !== axisOf) {
        axisOf = axis
        if (top.current)
          top.current.textContent = valueText({ low: axis.high, high: axis.high }, group.unit, '', language)
        if (foot.current)
          foot.current.textContent = valueText({ low: axis.low, high: axis.low }, group.unit, '', language)
      }
      // Ten times a second is as fast as numbers can be read.
      if (playback.state.isPlaying && performance.now() - written < 100) return
      written = performance.now()
      group.curves.forEach((spec, place) => {
        const element = list.current?.children[place]?.lastElementChild
        if (!element) return
        const values = stage.valueOf(spec.signal, at)
        const upTo = spec.upTo ? stage.valueOf(spec.upTo, at) : null
        const both = values && upTo ? { low: values.low, high: upTo.high } : values
        const text = valueText(both, group.unit, unit, language)
        if (element.textContent !== text) element.textContent = text
      })
    }
    return stage.onDraw(write)
  }, [stage, playback, lane, group, unit, language])

  return (
    <>
      <ul className={classes.values} ref={list}>
        {group.curves.slice(0, MOST_SHOWN).map((spec, place) => (
          <li key={spec.signal}>
            <i data-color={place} data-style={spec.style} aria-hidden />
            <span className={classes.curveName}>{names.curve(spec)}</span>
            <span className={classes.value} />
          </li>
        ))}
      </ul>
      <span className={classes.axisTop} ref={top} aria-hidden />
      <span className={classes.axisFoot} ref={foot} aria-hidden />
    </>
  )
}

/** A lane's head has room for so many curves. */
const MOST_SHOWN = 3

function Kinds({ scene: { rows } }: { scene: Scene }) {
  const say = useText(TEXT)
  const word = useWords()
  if (rows.length === 0) return <span className={classes.none}>{say('noEvents')}</span>
  return (
    <ul className={classes.kinds}>
      {rows.map(({ kind, places, worst }) => (
        <li key={kind} style={{ height: EVENT_ROW_PX }} data-worst={worst}>
          <span>{word(`kind.${kind}`, kind)}</span>
          <b>{places.length}</b>
        </li>
      ))}
    </ul>
  )
}
