import { IconArrowRight, IconChevronRight, IconUserCheck } from '@tabler/icons-react'
import { useId, useState } from 'react'
import type { Schemas } from '@/api/client'
import type { Score } from '@/api/judgement'
import { useText } from '@/state/text'
import { moment, percent } from '@/ui/format'
import { useShown } from '../shown'
import { numberText } from '../values'
import { BandBar } from './BandBar'
import classes from './Interview.module.css'
import { Terms } from './Terms'
import { TEXT } from './text'

interface Shows {
  score: Score
  /** As it is kept, where another rubric is tried and gives it otherwise. */
  before: Score | null
  override: Schemas['OverrideView'] | undefined
  onMetric: (id: string) => void
}

function pointsText(value: number): string {
  return numberText(Math.round(value * 10) / 10)
}

/** A score with its band, how sure it is, and every term it consists of. */
export function ScoreCard({ score, before, override, onMetric }: Shows) {
  const say = useText(TEXT)
  const { word, language } = useShown()
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const isScored = score.standing === 'scored' && score.value !== null
  const bandOf = (band: string) => word(`band.${band}`, band.replaceAll('_', ' '))
  return (
    <article className={`sl-card ${classes.score}`} data-main={score.id === 'overall'}>
      <div className={classes.scoreHead}>
        <h3 className={classes.scoreName}>{word(`score.${score.id}`, score.id.replaceAll('_', ' '))}</h3>
        <span className={classes.arrow}>
          {before && (
            <>
              <span className="sl-quiet">{before.value === null ? say('none') : pointsText(before.value)}</span>
              <IconArrowRight size={14} aria-label="→" />
            </>
          )}
          {isScored ? (
            <span className={classes.points}>
              {pointsText(score.value as number)} <small>{say('of', { most: numberText(score.most) })}</small>
            </span>
          ) : (
            <span className={classes.standing}>{word(`standing.${score.standing}`, score.standing)}</span>
          )}
        </span>
      </div>
      <BandBar score={score} />
      <div className={classes.under}>
        {isScored && score.band && <b>{bandOf(score.band)}</b>}
        {isScored && (
          <span>
            {score.low !== null && score.high !== null
              ? say('interval', { range: `${pointsText(score.low)} – ${pointsText(score.high)}` })
              : say('noInterval')}
          </span>
        )}
        <span>{say('covered', { share: percent(score.coverage, language) })}</span>
      </div>
      {score.reason && <p className={classes.reason}>{score.reason.text[language]}</p>}
      {override && (
        <div className={classes.override}>
          <IconUserCheck size={16} aria-hidden />
          <div>
            <b>{say('instead', { value: numberText(override.value), most: numberText(score.most) })}</b>
            <div>{override.reason}</div>
            <div className="sl-quiet">{say('by', { who: override.who, when: moment(override.at, language) })}</div>
          </div>
        </div>
      )}
      <button
        type="button"
        className={classes.opener}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={14} className={classes.turn} aria-hidden />
        {say('layOpen')}
      </button>
      {isOpen && (
        <div id={id}>
          <Terms score={score} onMetric={onMetric} />
        </div>
      )}
    </article>
  )
}
