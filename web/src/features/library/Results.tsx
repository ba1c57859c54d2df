import { VisuallyHidden } from '@mantine/core'
import { IconLoader2 } from '@tabler/icons-react'
import { useProgress } from '@/state/changes'
import { lasting, number, percent } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import type { Analysis, Video } from './api'
import classes from './results.module.css'
import { useShown } from './shown'

const DESKS = ['qc', 'interview'] as const
const MOST_SCORES = 2

/** The latest of each desk: verdict, scores, or how far it is and what holds until it is done. */
export function Results({ video }: { video: Video }) {
  const { say } = useShown()
  const found = DESKS.flatMap((desk) => {
    const [latest, held] = video.analyses.filter((analysis) => analysis.desk === desk)
    return latest ? [{ latest, held }] : []
  })
  if (!found.length) return <span className={classes.none}>{say('notAnalysed')}</span>
  return (
    <span className={classes.results}>
      {found.map(({ latest, held }) => (
        <span key={latest.desk} className={classes.result}>
          <span className={classes.desk}>{say(latest.desk === 'interview' ? 'interview' : 'qc')}</span>
          {held && (
            <span className={classes.held} title={say('held')}>
              <VisuallyHidden>{say('held')}</VisuallyHidden>
              <Result analysis={held} name={video.name} />
            </span>
          )}
          <Result analysis={latest} name={video.name} />
        </span>
      ))}
    </span>
  )
}

function Result({ analysis, name }: { analysis: Analysis; name: string }) {
  if (analysis.state === 'running') return <Running analysis={analysis} name={name} />
  if (analysis.state !== 'done') return <StateBadge state={analysis.state} />
  return analysis.verdict ? <StateBadge state={analysis.verdict} /> : <Scores analysis={analysis} />
}

function Scores({ analysis }: { analysis: Analysis }) {
  const { word, language } = useShown()
  const scored = analysis.scores.filter((score) => score.value !== null)
  const overall = scored.find((score) => score.id === 'overall')
  const shown = overall ? [overall] : scored.slice(0, MOST_SCORES)
  if (!shown.length) return <StateBadge state={analysis.scores.length ? 'not_evaluated' : 'done'} />
  return shown.map((score) => (
    <span key={score.id} className={classes.score} title={score.band ? word(`band.${score.band}`) : undefined}>
      {score.id !== 'overall' && `${word(`score.${score.id}`)} `}
      <b>{number(score.value, language, 0)}</b>
      <span className={classes.of}>/{number(score.most, language, 0)}</span>
    </span>
  ))
}

function Running({ analysis, name }: { analysis: Analysis; name: string }) {
  const { say, language, jobs } = useShown()
  const job = jobs.get(analysis.id)
  const heard = useProgress(job?.id)
  const told = heard ?? (job?.progress as { done_s?: number; total_s?: number; left_s?: number } | undefined)
  const share = told?.total_s ? Math.min(1, (told.done_s ?? 0) / told.total_s) : null
  return (
    <span className={classes.running}>
      <IconLoader2 size={14} className={classes.turning} aria-hidden />
      <span
        className={classes.bar}
        role="progressbar"
        aria-label={say('progressOf', { name })}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      >
        <span className={classes.done} style={{ transform: `scaleX(${share ?? 0})` }} />
      </span>
      <span className={classes.left}>
        {share === null ? say('judging') : percent(share, language)}
        {told?.left_s ? ` · ${say('left', { time: lasting(told.left_s, language) })}` : ''}
      </span>
    </span>
  )
}
