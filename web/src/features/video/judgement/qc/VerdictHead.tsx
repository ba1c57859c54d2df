import { IconAlertTriangle, IconArrowRight, IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import type { Schemas } from '@/api/client'
import type { Judgement, Verdict } from '@/api/judgement'
import { useText } from '@/state/text'
import { useShown } from '../shown'
import { useTemplateTitle } from '../titles'
import { counted } from './grouping'
import classes from './Qc.module.css'
import { TEXT } from './text'

const MARKS = { pass: IconCheck, warn: IconAlertTriangle, fail: IconX } as const

function Big({ verdict }: { verdict: Verdict | null }) {
  const say = useText(TEXT)
  const { word } = useShown()
  const Mark = verdict ? MARKS[verdict] : IconMinus
  return (
    <span className={classes.verdict} data-tone={verdict ?? 'none'}>
      <span className={classes.mark}>
        <Mark size={26} stroke={2.4} aria-hidden />
      </span>
      {verdict ? word(`verdict.${verdict}`, verdict) : say('noVerdict')}
    </span>
  )
}

interface Asked {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
  /** What is kept, where another judgement is tried. */
  before: Judgement | null
  states: ReadonlySet<string>
  onToggle: (state: string) => void
}

/** The verdict, and how many checks came to what; each count narrows the list. */
export function VerdictHead({ analysis, judgement, before, states, onToggle }: Asked) {
  const say = useText(TEXT)
  const { word } = useShown()
  const template = useTemplateTitle(analysis, judgement.template)
  return (
    <>
      <div className={classes.head}>
        <div role="status" className={classes.arrow}>
          {before && before.verdict !== judgement.verdict && (
            <>
              <Big verdict={before.verdict} />
              <IconArrowRight size={22} aria-label="→" />
            </>
          )}
          <Big verdict={judgement.verdict} />
        </div>
        <div className={classes.by}>
          <div>{say('judgedBy', { template })}</div>
          {judgement.not_evaluated > 0 && <div>{say('notEvaluated', { count: judgement.not_evaluated })}</div>}
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset does not wrap its buttons as these chips do */}
      <div className={classes.chips} role="group" aria-label={say('showOnly')}>
        {counted(judgement.checks).map(([state, count]) => (
          <button
            key={state}
            type="button"
            className={classes.chip}
            aria-pressed={states.has(state)}
            onClick={() => onToggle(state)}
          >
            <span className={classes.dot} data-state={state} aria-hidden />
            {word(`state.${state}`, state)} <b>{count}</b>
          </button>
        ))}
      </div>
    </>
  )
}
