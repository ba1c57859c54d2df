import { Text } from '@mantine/core'
import { Fragment } from 'react'
import type { Event, Feedback, Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { clock, percent } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import type { Finding } from '../playback'
import { type Held, metricOf } from './around'
import classes from './Finding.module.css'
import { rangeText } from './interview/ranges'
import { useShown } from './shown'
import { TEXT } from './text'
import { checkThreshold, checkTitle, eventShown, numberText, valueText } from './values'

interface Shows {
  finding: Finding
  judgement: Judgement
  feedback: Feedback | null
  held: readonly Held[]
  event: Event | null
  isLoading: boolean
}

/** Everything that is known of a finding, in words. */
export function FindingFacts({ finding, judgement, feedback, held, event, isLoading }: Shows) {
  const say = useText(TEXT)
  const shown = useShown()
  const { start, end } = finding.span
  const rows: (readonly [string, React.ReactNode])[] = [
    [
      say('when'),
      <Fragment key="when">
        {clock(start, 3)}
        {end > start && ` – ${clock(end, 3)}, ${say('lasts', { seconds: numberText(end - start) })}`}
        {event?.start_frame != null && event.end_frame != null && (
          <span className="sl-quiet">
            {' '}
            · {say('pictures', { first: event.start_frame, last: event.end_frame - 1 })}
          </span>
        )}
      </Fragment>,
    ],
  ]
  const add = (name: string, text: React.ReactNode) => text !== '' && text != null && rows.push([name, text])
  if (event) {
    const told = eventShown(event, shown)
    const check = held[0]?.check
    add(say('value'), told.value)
    add(say('limit'), told.threshold || (check && checkThreshold(check, shown)))
    add(say('source'), check?.source && shown.word(`source.${check.source}`, check.source))
    add(say('why'), check?.reason?.text[shown.language])
    for (const [name, text] of told.rest) add(name, text)
    add(say('remarks'), told.labels.join(', '))
    if (event.confidence < 1) add(say('confidence'), percent(event.confidence, shown.language))
    if (!held.length) add(say('severity'), shown.word(`severity.${event.severity}`, event.severity))
    add(
      say('heldBy'),
      held.length
        ? held.map(({ check: one }) => (
            <div key={one.id}>
              {checkTitle(one, shown)} <StateBadge state={one.state} />
            </div>
          ))
        : judgement.verdict !== null && say('notHeld'),
    )
  }
  if (finding.from === 'metric') {
    const metric = metricOf(judgement, finding.id)
    if (metric) {
      add(say('value'), valueText(metric.value, metric.unit, shown))
      add(say('interval'), rangeText(metric.low, metric.high, metric.unit, shown))
      add(say('range'), metric.reference && rangeText(metric.reference.low, metric.reference.high, metric.unit, shown))
      const source = metric.reference?.source
      add(say('source'), source && shown.word(`source.${source}`, source))
      add(say('coverage'), percent(metric.coverage, shown.language))
    }
  }
  if (finding.from === 'claim') add(say('claim'), feedback?.claims[Number(finding.id)]?.text)
  if (finding.from === 'word') add(say('said'), finding.id)
  return (
    <div>
      <dl className={classes.facts}>
        {rows.map(([name, text]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
      {!event && isLoading && (
        <Text size="sm" className="sl-quiet">
          {say('loading')}
        </Text>
      )}
      {!event && !isLoading && finding.from === 'event' && (
        <Text size="sm" className="sl-quiet">
          {say('noEvidence')}
        </Text>
      )}
    </div>
  )
}
