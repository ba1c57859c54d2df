import type { Score, Term } from '@/api/judgement'
import { useText } from '@/state/text'
import { percent } from '@/ui/format'
import { useShown } from '../shown'
import { numberText, valueText } from '../values'
import { FormulaPlot } from './FormulaPlot'
import { formulaOf, missingWeight, mostPoints, pointsOf } from './formula'
import classes from './Interview.module.css'
import { TEXT } from './text'
import { useMetricUnit } from './units'

interface Shows {
  score: Score
  onMetric: (id: string) => void
}

const round = (value: number) => numberText(Math.round(value * 10) / 10)

/** Every summand of a score: weight, value, what the formula makes of it, points; and their sum. */
export function Terms({ score, onMetric }: Shows) {
  const say = useText(TEXT)
  const { language } = useShown()
  const sum = pointsOf(score)
  const missing = missingWeight(score.terms)
  return (
    <>
      <ul className={classes.terms}>
        {score.terms.map((term) => (
          <TermRow key={term.id} term={term} most={score.most} onMetric={onMetric} />
        ))}
      </ul>
      {missing > 0 && missing < 1 && score.standing === 'scored' && (
        <p className={classes.reason}>{say('sharedOut', { share: percent(missing, language) })}</p>
      )}
      {sum !== null && (
        <p className={classes.sum}>
          {say('sum')}:{' '}
          {score.terms
            .filter((term) => term.points !== null)
            .map((term) => round(term.points as number))
            .join(' + ')}{' '}
          = <b>{round(sum)}</b>
        </p>
      )}
    </>
  )
}

function TermRow({ term, most, onMetric }: { term: Term; most: number; onMetric: (id: string) => void }) {
  const say = useText(TEXT)
  const shown = useShown()
  const unit = useMetricUnit(term.metric)
  const { word, language } = shown
  const value = valueText(term.value, unit, shown)
  const formula = formulaOf(term.formula)
  const metric = term.metric && word(`metric.${term.metric}.title`, term.metric.replaceAll('_', ' '))
  return (
    <li className={classes.term} data-out={term.points === null}>
      <div className={classes.termHead}>
        <b>{word(`term.${term.id}`, term.id.replaceAll('_', ' '))}</b>
        <span className={classes.numbers}>
          {term.points === null
            ? say('leftOut')
            : say('ofPoints', { points: round(term.points), most: round(mostPoints(term, most)) })}
        </span>
      </div>
      <div className={classes.termBody} data-plain={formula === null}>
        {formula && <FormulaPlot term={term} formula={formula} unit={unit} />}
        <div>
          <div className={classes.numbers}>
            {say('weight')} {percent(term.weight, language)}
            {term.applied > 0 && Math.abs(term.applied - term.weight) > 5e-4 && (
              <> · {say('applied', { share: percent(term.applied, language) })}</>
            )}
          </div>
          {metric && term.metric ? (
            <button
              type="button"
              className={classes.link}
              title={say('goToMetric', { metric })}
              onClick={() => onMetric(term.metric as string)}
            >
              {metric}
              {value && `: ${value}`}
            </button>
          ) : (
            value && (
              <div>
                {say('measured')} {value}
              </div>
            )
          )}
          <div className={classes.numbers}>
            <code>{term.formula}</code>
            {term.share !== null && <> · {say('worth', { share: percent(term.share, language) })}</>}
          </div>
          {term.reason && <div className={classes.reason}>{term.reason.text[language]}</div>}
        </div>
      </div>
    </li>
  )
}
