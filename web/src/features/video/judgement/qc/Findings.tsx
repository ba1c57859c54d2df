import { ActionIcon, Button } from '@mantine/core'
import { IconRosetteDiscountCheck } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { type Check, type Event, waiversOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import { usePlayback, usePlaybackState } from '../../playback'
import { useShown } from '../shown'
import { eventShown, kindName, numberText } from '../values'
import { findingOf } from './grouping'
import classes from './Qc.module.css'
import { TEXT } from './text'
import { WaiveDialog } from './WaiveDialog'
import { covers } from './waivers'

const AT_FIRST = 8
const STEP = 100

/** Where a check found something; a click goes there. */
export function Findings({
  analysis,
  check,
  mayChange,
}: {
  analysis: Schemas['AnalysisDetail']
  check: Check
  mayChange: boolean
}) {
  const say = useText(TEXT)
  const shown = useShown()
  const playback = usePlayback()
  const finding = usePlaybackState((state) => state.finding)
  const [most, setMost] = useState(AT_FIRST)
  const [waived, setWaived] = useState<Event | null>(null)
  const waivers = waiversOf(analysis).filter((waiver) => waiver.check === check.id)
  return (
    <div>
      <div className={classes.groupHead}>{say('findings', { count: check.events.length })}</div>
      <ul className={classes.findings}>
        {check.events.slice(0, most).map((event) => {
          const { value, threshold, labels } = eventShown(event, shown)
          const name = kindName(event.kind, shown)
          const isCovered = waivers.some((waiver) => covers(waiver, event))
          const isShown =
            finding?.check === check.id && finding.span.start === event.start_s && finding.span.end === event.end_s
          return (
            <li key={`${event.kind} ${event.start} ${event.end} ${event.evidence.channel ?? ''}`}>
              <button
                type="button"
                className={classes.finding}
                aria-current={isShown}
                onClick={() => playback.show(findingOf(check, event))}
              >
                <span className={classes.time}>{clock(event.start_s, 2)}</span>
                <span>
                  {name}, {numberText(event.end_s - event.start_s)} s
                  {value && `, ${value}${threshold ? ` (${threshold})` : ''}`}
                  {labels.length > 0 && <span className="sl-quiet"> · {labels.join(', ')}</span>}
                  {isCovered && <span className="sl-quiet"> · {say('waived')}</span>}
                </span>
              </button>
              {mayChange && !isCovered && (
                <ActionIcon
                  size="md"
                  variant="subtle"
                  color="gray"
                  aria-label={say('waiveFinding', { kind: name, time: clock(event.start_s, 2) })}
                  title={say('waiveThis')}
                  onClick={() => setWaived(event)}
                >
                  <IconRosetteDiscountCheck size={16} />
                </ActionIcon>
              )}
            </li>
          )
        })}
      </ul>
      {check.events.length > most && (
        <Button size="compact-xs" variant="subtle" mt={4} onClick={() => setMost(most + STEP)}>
          {say('more', { count: Math.min(STEP, check.events.length - most) })}
        </Button>
      )}
      {waived && (
        <WaiveDialog
          analysis={analysis}
          check={check.id}
          title={say('waiveFinding', { kind: kindName(waived.kind, shown), time: clock(waived.start_s, 2) })}
          event={waived}
          onClose={() => setWaived(null)}
        />
      )}
    </div>
  )
}
