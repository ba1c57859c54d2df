import { Button, Group, Progress, Text } from '@mantine/core'
import type { Schemas } from '@/api/client'
import { useProgress } from '@/state/changes'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { clock, lasting, number } from '@/ui/format'
import { Holds } from '@/ui/Holds'
import classes from './Bar.module.css'
import { useRetry, useStop } from './queries'
import { TEXT } from './text'

/** How an analysis fares that is not done: its progress, or why it failed and what can be done. */
export function Outcome({ analysis, mayChange }: { analysis: Schemas['AnalysisDetail']; mayChange: boolean }) {
  switch (analysis.state) {
    case 'queued':
    case 'running':
      return <Running analysis={analysis} mayChange={mayChange} />
    case 'failed':
    case 'cancelled':
      return <Ended analysis={analysis} mayChange={mayChange} />
    default:
      return null
  }
}

interface Shows {
  analysis: Schemas['AnalysisDetail']
  mayChange: boolean
}

function Running({ analysis, mayChange }: Shows) {
  const say = useText(TEXT)
  const language = useLanguage()
  const heard = useProgress(analysis.job?.id)
  const stop = useStop(analysis.id)
  const kept = (analysis.job?.progress ?? {}) as { done_s?: number; total_s?: number; speed?: number; left_s?: number }
  const { done_s, total_s, speed, left_s } = heard ?? kept
  const share = done_s !== undefined && total_s ? Math.min(1, done_s / total_s) : null
  const isRunning = analysis.state === 'running' || heard !== undefined
  return (
    <div className={`sl-card ${classes.running}`}>
      <div>
        <div className={classes.numbers}>
          <b>{say(isRunning ? 'running' : 'queued')}</b>
          {share !== null && <span>{Math.floor(share * 100)} %</span>}
          {isRunning && done_s !== undefined && total_s ? (
            <span className="sl-quiet">
              {clock(done_s)} / {clock(total_s)}
            </span>
          ) : null}
          {isRunning && speed ? (
            <span className="sl-quiet">{say('speed', { speed: number(speed, language, 1) })}</span>
          ) : null}
          {isRunning && left_s !== undefined && left_s !== null ? (
            <span className="sl-quiet">{say('left', { time: lasting(left_s, language) })}</span>
          ) : null}
          {(analysis.job?.attempts ?? 0) > 1 && (
            <span className="sl-quiet">{say('attempt', { count: analysis.job?.attempts ?? 0 })}</span>
          )}
        </div>
        <Progress
          mt={6}
          size="sm"
          aria-label={say('progress')}
          value={share === null ? 100 : share * 100}
          animated={share === null && isRunning}
          color={isRunning ? undefined : 'gray'}
        />
        {!isRunning && <Holds />}
        {stop.error && <ErrorNote error={stop.error} />}
      </div>
      {mayChange && (
        <Button size="compact-sm" variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
          {say('cancel')}
        </Button>
      )}
    </div>
  )
}

function Ended({ analysis, mayChange }: Shows) {
  const say = useText(TEXT)
  const language = useLanguage()
  const retry = useRetry()
  const job = analysis.job
  const why = analysis.error ?? job?.error
  return (
    <div className={`sl-card ${classes.running}`} role={analysis.state === 'failed' ? 'alert' : undefined}>
      <div>
        <Text size="sm" fw={600} c={analysis.state === 'failed' ? 'var(--sl-fail)' : undefined}>
          {say(analysis.state === 'failed' ? 'failed' : 'cancelled')}
        </Text>
        {why && <Text size="sm">{told(why.message, language)}</Text>}
        {retry.error && <ErrorNote error={retry.error} />}
      </div>
      <Group>
        {mayChange && job && (
          <Button size="compact-sm" loading={retry.isPending} onClick={() => retry.mutate(job.id)}>
            {say('retry')}
          </Button>
        )}
      </Group>
    </div>
  )
}
