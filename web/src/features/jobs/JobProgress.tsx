import { Progress } from '@mantine/core'
import { useProgress } from '@/state/changes'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { bytes, lasting, number, percent } from '@/ui/format'
import type { Job } from './batches'
import classes from './Jobs.module.css'
import { standing } from './standing'
import { TEXT } from './text'

/** How far a running job is, as it is told: stage, speed and time left in words. */
export function JobProgress({ job, name }: { job: Job; name: string }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const heard = useProgress(job.id)
  const { stage, share, speed, bytesPerSecond, doneBytes, leftSeconds } = standing(heard ?? job.progress)
  return (
    <div className={classes.progress}>
      <Progress
        size="sm"
        value={share === null ? 100 : share * 100}
        animated={share === null}
        striped={share === null}
        aria-label={name}
      />
      <span className={classes.about}>
        <span className={classes.stage}>
          {say(stage === 'fetch' ? 'fetchStage' : stage)}
          {share !== null && ` ${percent(share, language)}`}
        </span>
        {speed !== null && (
          <span title={say('speed', { speed: number(speed, language, 1) })}>
            {say('speedShort', { speed: number(speed, language, 1) })}
          </span>
        )}
        {share === null && doneBytes !== null && <span>{bytes(doneBytes, language)}</span>}
        {bytesPerSecond !== null && <span>{say('bytesSpeed', { speed: bytes(bytesPerSecond, language) })}</span>}
        {leftSeconds !== null && <span>{say('left', { time: lasting(leftSeconds, language) })}</span>}
      </span>
    </div>
  )
}
