import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { moment } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import { useTemplateTitle } from '../titles'
import classes from './Bar.module.css'
import { TEXT } from './text'

/** An analysis in one line: desk or, of an interview, what it is for, template, and what came of it. */
export function AnalysisName({ analysis, isDated }: { analysis: Schemas['AnalysisView']; isDated?: boolean }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const word = useWords()
  const { policy } = analysis.options
  const title = useTemplateTitle(analysis, analysis.template)
  return (
    <span className={classes.option} style={{ minWidth: 0, flex: 1 }}>
      <span className={classes.name}>
        {title}{' '}
        <span className={classes.kind}>
          · {say(analysis.desk === 'interview' ? 'interview' : 'qc')}
          {typeof policy === 'string' && `, ${word(`policy.${policy}.name`, policy)}`}
        </span>
        {isDated && <span className={classes.format}>{moment(analysis.created_at, language)}</span>}
      </span>
      <StateBadge state={analysis.verdict ?? analysis.state} />
    </span>
  )
}
