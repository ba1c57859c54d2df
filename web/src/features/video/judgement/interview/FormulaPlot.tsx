import type { Term } from '@/api/judgement'
import { useText } from '@/state/text'
import { percent } from '@/ui/format'
import { useShown } from '../shown'
import { valueText } from '../values'
import { type Formula, plotOf } from './formula'
import classes from './Interview.module.css'
import { TEXT } from './text'

const WIDTH = 96
const HEIGHT = 34

interface Shows {
  term: Pick<Term, 'formula' | 'value' | 'share'>
  formula: Formula
  unit: string | null
}

/** What a formula gives, and where the measured value lies on it. */
export function FormulaPlot({ term, formula, unit }: Shows) {
  const say = useText(TEXT)
  const shown = useShown()
  const { line, at, from, to } = plotOf(formula, term.value, WIDTH, HEIGHT)
  const label =
    term.value === null
      ? say('formulaAlone', { formula: term.formula })
      : say('formulaOf', {
          formula: term.formula,
          value: valueText(term.value, unit, shown),
          share: percent(term.share, shown.language),
        })
  return (
    <figure className={classes.plot}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        <path d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}z`} className={classes.area} />
        <path d={line} className={classes.curve} />
        {at && (
          <>
            <line x1={at[0] * WIDTH} x2={at[0] * WIDTH} y1={at[1] * HEIGHT} y2={HEIGHT} className={classes.fall} />
            <circle cx={at[0] * WIDTH} cy={at[1] * HEIGHT} r={3} className={classes.point} />
          </>
        )}
      </svg>
      <figcaption aria-hidden>
        <span>{valueText(from, unit, shown)}</span>
        <span>{valueText(to, unit, shown)}</span>
      </figcaption>
    </figure>
  )
}
