import { ActionIcon, Group, Select, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { number } from '@/ui/format'
import type { EventView } from '../data/evidence'
import { usePlayback, usePlaybackState } from '../playback'
import { findingOf } from '../player/actions'
import { useWriting } from '../player/context'
import { momentText } from '../player/moment'
import classes from './EventList.module.css'
import { SEVERITIES } from './found'
import type { Scene } from './scene'
import { TEXT } from './text'

const ROW_PX = 32

/** The events as a table: what the lanes show, for those who do not see or do not use a mouse, and to filter by. */
export function EventList({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const say = useText(TEXT)
  const word = useWords()
  const [kind, setKind] = useState<string | null>(null)
  const [severity, setSeverity] = useState<string | null>(null)
  const shown = useMemo(
    () => scene.events.filter((event) => (!kind || event.kind === kind) && (!severity || event.severity === severity)),
    [scene.events, kind, severity],
  )
  return (
    <aside className={classes.list} aria-label={say('list')}>
      <Group gap={6} p={6} wrap="nowrap">
        <Select
          size="xs"
          flex={1}
          aria-label={say('kind')}
          placeholder={say('anyKind')}
          clearable
          data={scene.rows.map((row) => ({ value: row.kind, label: word(`kind.${row.kind}`, row.kind) }))}
          value={kind}
          onChange={setKind}
        />
        <Select
          size="xs"
          w={130}
          aria-label={say('severity')}
          placeholder={say('anySeverity')}
          clearable
          data={[...SEVERITIES].reverse().map((one) => ({ value: one, label: word(`severity.${one}`, one) }))}
          value={severity}
          onChange={setSeverity}
        />
        <ActionIcon variant="subtle" color="gray" aria-label={say('hideList')} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <Text size="xs" className="sl-quiet" px={8} pb={4} role="status">
        {shown.length === 0 ? say('noneMatch') : say('shown', { count: shown.length })}
      </Text>
      <Rows events={shown} />
    </aside>
  )
}

function Rows({ events }: { events: readonly EventView[] }) {
  const say = useText(TEXT)
  const word = useWords()
  const language = useLanguage()
  const writing = useWriting()
  const playback = usePlayback()
  const finding = usePlaybackState((state) => state.finding)
  const box = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  const chosen = events.findIndex(({ kind, start_s }) => finding?.id === kind && finding.span.start === start_s)
  useEffect(() => {
    if (chosen >= 0) rows.scrollToIndex(chosen, { align: 'center' })
  }, [chosen, rows])

  const keyed = (event: React.KeyboardEvent) => {
    const page = Math.floor((box.current?.clientHeight ?? ROW_PX) / ROW_PX)
    const to = {
      ArrowUp: active - 1, ArrowDown: active + 1, PageUp: active - page, PageDown: active + page, Home: 0, End: events.length - 1,
    }[event.key] // biome-ignore format: a table
    if (to === undefined) return
    event.preventDefault()
    const next = Math.min(events.length - 1, Math.max(0, to))
    setActive(next)
    rows.scrollToIndex(next)
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-place="${next}"]`)?.focus())
  }
  const stop = Math.min(active, events.length - 1)
  const seen = rows.getVirtualItems()
  const before = seen[0]?.start ?? 0
  const after = rows.getTotalSize() - (seen.at(-1)?.end ?? 0)
  return (
    <div ref={box} className={classes.rows}>
      <table aria-rowcount={events.length + 1} aria-label={say('list')}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{say('kind')}</th>
            <th scope="col">{say('start')}</th>
            <th scope="col">{say('length')}</th>
          </tr>
        </thead>
        <tbody onKeyDown={keyed}>
          {before > 0 && <Spacer height={before} />}
          {seen.map(({ index }) => {
            const event = events[index] as EventView
            const name = word(`kind.${event.kind}`, event.kind)
            const time = momentText(writing, event.start_s)
            const length = event.end_s - event.start_s
            return (
              <tr
                key={index}
                aria-rowindex={index + 2}
                data-chosen={index === chosen || undefined}
                style={{ height: ROW_PX }}
              >
                <td className={classes.kind} data-severity={event.severity}>
                  <button
                    type="button"
                    data-keys="own"
                    data-place={index}
                    tabIndex={index === stop ? 0 : -1}
                    aria-current={index === chosen || undefined}
                    onClick={() => {
                      setActive(index)
                      playback.show(findingOf(event))
                    }}
                  >
                    {name}
                    <span className={classes.hidden}>, {word(`severity.${event.severity}`, event.severity)}</span>
                  </button>
                </td>
                <td>{time}</td>
                <td>{length > 0 ? `${number(length, language, 2)} s` : say('moment')}</td>
              </tr>
            )
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </div>
  )
}

/** Holds the place of rows that are out of sight. */
function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={3} style={{ height, padding: 0 }} />
    </tr>
  )
}
