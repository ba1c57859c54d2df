import type { Score } from '@/api/judgement'
import { useShown } from '../shown'
import { bandsOf } from './bands'
import classes from './Interview.module.css'

/** The bands of a score with where it lies; the words beside it say the same. */
export function BandBar({ score }: { score: Score }) {
  const { word } = useShown()
  const { bands, value, spread } = bandsOf(score)
  return (
    <div className={classes.bands} aria-hidden>
      {bands.map((band, number) => (
        <span
          key={band.id}
          className={classes.band}
          data-step={bands.length - 1 - number}
          data-here={band.id === score.band}
          style={{ width: `${(band.to - band.from) * 100}%` }}
          title={word(`band.${band.id}`, band.id)}
        />
      ))}
      {spread && (
        <span
          className={classes.spread}
          style={{ insetInlineStart: `${spread[0] * 100}%`, width: `${Math.max(0.004, spread[1] - spread[0]) * 100}%` }}
        />
      )}
      {value !== null && <span className={classes.needle} style={{ insetInlineStart: `${value * 100}%` }} />}
    </div>
  )
}
