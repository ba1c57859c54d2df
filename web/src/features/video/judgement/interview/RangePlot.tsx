import type { Metric } from '@/api/judgement'
import { useText } from '@/state/text'
import { useShown } from '../shown'
import { valueText } from '../values'
import classes from './Interview.module.css'
import { rangeBar } from './ranges'
import { TEXT } from './text'

/** Where a value lies in its reference range; nothing where there is no range. */
export function RangePlot({ metric, range }: { metric: Metric; range: string }) {
  const say = useText(TEXT)
  const shown = useShown()
  const bar = rangeBar(metric)
  if (!bar) return <span />
  const label = say('plot', {
    value: valueText(metric.value, metric.unit, shown),
    place: metric.place ? shown.word(`place.${metric.place}`, metric.place) : '–',
    range,
  })
  return (
    <svg viewBox="0 0 100 16" className={classes.range} role="img" aria-label={label} preserveAspectRatio="none">
      <rect x={0} y={7} width={100} height={2} className={classes.axis} />
      <rect
        x={bar.low * 100}
        y={4}
        width={Math.max(0.5, (bar.high - bar.low) * 100)}
        height={8}
        className={classes.usual}
      />
      {bar.spread && (
        <rect
          x={bar.spread[0] * 100}
          y={6.5}
          width={Math.max(0.5, (bar.spread[1] - bar.spread[0]) * 100)}
          height={3}
          className={classes.between}
        />
      )}
      <rect x={Math.min(98, Math.max(0, bar.value * 100 - 1))} y={1} width={2} height={14} className={classes.here} />
    </svg>
  )
}
