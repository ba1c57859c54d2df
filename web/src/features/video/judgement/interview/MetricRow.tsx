import { IconChevronRight } from '@tabler/icons-react'
import { Fragment, useEffect, useId, useRef, useState } from 'react'
import type { Metric } from '@/api/judgement'
import { useText } from '@/state/text'
import { percent } from '@/ui/format'
import { usePlayback } from '../../playback'
import { spanOf } from '../around'
import { useShown } from '../shown'
import { namedValues, valueText } from '../values'
import { Moments } from './FeedbackTab'
import classes from './Interview.module.css'
import { RangePlot } from './RangePlot'
import { rangeText } from './ranges'
import { TEXT } from './text'

/** One number: where it lies, of how much it was measured; opened, everything that is needed to believe it. */
export function MetricRow({ metric, isFirst }: { metric: Metric; isFirst: boolean }) {
  const say = useText(TEXT)
  const shown = useShown()
  const playback = usePlayback()
  const id = useId()
  const row = useRef<HTMLLIElement>(null)
  const [isOpen, setOpen] = useState(isFirst)
  useEffect(() => {
    if (isFirst) row.current?.scrollIntoView({ block: 'center' })
  }, [isFirst])
  const { word, language } = shown
  const range = metric.reference ? rangeText(metric.reference.low, metric.reference.high, metric.unit, shown) : ''
  const source = metric.reference?.source ?? ''
  const rows: readonly (readonly [string, string])[] = [
    [say('about'), word(`metric.${metric.id}.text`, '')],
    [say('intervalName'), rangeText(metric.low, metric.high, metric.unit, shown)],
    [say('range'), range],
    [say('source'), source && word(`source.${source}`, source)],
    [say('quality'), metric.quality === null ? '' : percent(metric.quality, language)],
    [say('method'), metric.method],
    ...namedValues(metric.details, shown),
  ]
  return (
    <li ref={row}>
      <button
        type="button"
        className={classes.metric}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <span className={classes.metricName}>
          {word(`metric.${metric.id}.title`, metric.id.replaceAll('_', ' '))}
          <span className={classes.numbers}>
            {say('coverage', { share: percent(metric.coverage, language) })} · {say('n', { count: metric.n })}
          </span>
        </span>
        <RangePlot metric={metric} range={range} />
        <span className={classes.metricValue}>
          <b>{valueText(metric.value, metric.unit, shown)}</b>
          {metric.place && <span className={classes.numbers}>{word(`place.${metric.place}`, metric.place)}</span>}
        </span>
        <IconChevronRight size={14} className={classes.turn} aria-hidden />
      </button>
      {isOpen && (
        <div id={id} className={classes.metricBody}>
          <dl className={classes.facts}>
            {rows
              .filter(([, text]) => text)
              .map(([name, text]) => (
                <Fragment key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </Fragment>
              ))}
            {metric.spans.length > 0 && (
              <>
                <dt>{say('moments')}</dt>
                <dd>
                  <Moments
                    spans={metric.spans}
                    onGo={(span) => playback.show({ from: 'metric', id: metric.id, span: spanOf(span) })}
                  />
                </dd>
              </>
            )}
          </dl>
        </div>
      )}
    </li>
  )
}
