import { Button, Loader, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useContext, useState } from 'react'
import type { Schemas } from '@/api/client'
import type { Event } from '@/api/judgement'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { clock } from '@/ui/format'
import { PlaybackContext } from '../../playback'
import { spanOf } from '../around'
import { useLook } from '../bar/queries'
import { useShown } from '../shown'
import { eventShown, kindName, numberText } from '../values'
import classes from './Compare.module.css'
import { eventsApart } from './queries'
import { TEXT } from './text'

interface Shows {
  a: Schemas['AnalysisDetail']
  b: Schemas['AnalysisDetail']
  names: { readonly a: string; readonly b: string }
}

/** What only one of them found; a click goes there. */
export function ComparedEvents({ a, b, names }: Shows) {
  const say = useText(TEXT)
  const { data, error, refetch } = useQuery(eventsApart(a, b))
  return (
    <section>
      <h3 className={classes.head}>{say('events')}</h3>
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {!data && !error && (
        <Text size="sm" className="sl-quiet">
          <Loader size={12} mr={6} />
          {say('loading')}
        </Text>
      )}
      {data && (
        <>
          <p className={classes.note}>{say('inBoth', { count: data.both })}</p>
          <div className={`${classes.sides} ${classes.columns}`}>
            <Only side="a" analysisId={a.id} name={names.a} events={data.only_a} count={data.counts.a} />
            <Only side="b" analysisId={b.id} name={names.b} events={data.only_b} count={data.counts.b} />
          </div>
        </>
      )}
    </section>
  )
}

const AT_FIRST = 30
const STEP = 200

interface Side {
  side: 'a' | 'b'
  analysisId: string
  name: string
  events: readonly Event[]
  /** With those that are not told. */
  count: number
}

function Only({ side, analysisId, name, events, count }: Side) {
  const say = useText(TEXT)
  const shown = useShown()
  const playback = useContext(PlaybackContext)
  const look = useLook()
  // Without a player beside it, the analysis itself is opened at the moment.
  const go = (event: Event) => {
    if (playback) playback.show({ from: 'event', id: event.kind, span: spanOf(event) })
    else look({ analysis: analysisId, beside: undefined, t: Math.max(0, event.start_s) })
  }
  const [most, setMost] = useState(AT_FIRST)
  return (
    <div className={`sl-card ${classes.side}`} data-side={side}>
      <b>
        {say('onlyIn', { name })} · {count}
      </b>
      {events.length === 0 && <span className="sl-quiet">{say('nothingOnly')}</span>}
      <ul className={classes.events}>
        {events.slice(0, most).map((event) => {
          const kind = kindName(event.kind, shown)
          const { value } = eventShown(event, shown)
          return (
            <li key={`${event.kind} ${event.start} ${event.end} ${event.evidence.channel ?? ''}`}>
              <button type="button" className={classes.event} onClick={() => go(event)}>
                <span className={classes.time}>{clock(event.start_s, 2)}</span>
                <span>
                  {kind}, {numberText(event.end_s - event.start_s)} s{value && `, ${value}`}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {events.length > most && (
        <Button size="compact-xs" variant="subtle" onClick={() => setMost(most + STEP)}>
          {say('more', { count: Math.min(STEP, events.length - most) })}
        </Button>
      )}
      {count > events.length && most >= events.length && (
        <span className="sl-quiet">{say('leftOut', { count: count - events.length })}</span>
      )}
    </div>
  )
}
