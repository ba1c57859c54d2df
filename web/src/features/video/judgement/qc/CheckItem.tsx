import { IconArrowRight, IconChevronRight } from '@tabler/icons-react'
import { memo, useId, useState } from 'react'
import type { Schemas } from '@/api/client'
import type { Check } from '@/api/judgement'
import { useText } from '@/state/text'
import { StateBadge } from '@/ui/StateBadge'
import { useShown } from '../shown'
import { checkThreshold, checkTitle, checkValue } from '../values'
import { CheckBody } from './CheckBody'
import classes from './Qc.module.css'
import { TEXT } from './text'
import type { Trial } from './trial'

interface Shows {
  analysis: Schemas['AnalysisDetail']
  check: Check
  /** As it is kept, where another judgement is tried and sees it otherwise. */
  before: Check | undefined
  trial: Trial | null
  mayChange: boolean
}

/** One check in a line; opened, everything it rests on. */
export const CheckItem = memo(function CheckItem({ analysis, check, before, trial, mayChange }: Shows) {
  const say = useText(TEXT)
  const shown = useShown()
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const value = checkValue(check, shown)
  const threshold = checkThreshold(check, shown)
  const was = before && before.state !== check.state ? before : null
  return (
    <li className={classes.item}>
      <button
        type="button"
        className={classes.row}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <span className={classes.bar} data-state={check.state} aria-hidden />
        <span>
          <span className={classes.title}>
            {checkTitle(check, shown)}
            <span className={classes.id}>{check.id}</span>
          </span>
          <br />
          <span className={classes.figures}>
            {value && <b>{value}</b>}
            {threshold && ` (${say('limit')} ${threshold})`}
            {before && !was && before.threshold !== check.threshold && ` ← ${checkThreshold(before, shown)}`}
            {!value && !threshold && (check.reason?.text[shown.language] ?? '')}
          </span>
        </span>
        <span className={classes.arrow}>
          {was && (
            <>
              <StateBadge state={was.state} />
              <IconArrowRight size={14} aria-label="→" />
            </>
          )}
          <StateBadge state={check.state} />
        </span>
        <IconChevronRight size={16} className={classes.turn} aria-hidden />
      </button>
      {isOpen && (
        <div id={id} className={classes.body}>
          <CheckBody analysis={analysis} check={check} trial={trial} mayChange={mayChange} />
        </div>
      )}
    </li>
  )
})
