import { ActionIcon, Checkbox, Group } from '@mantine/core'
import {
  IconArrowDown, IconArrowUp, IconCloudDownload, IconDeviceTv, IconReportAnalytics, IconRotateClockwise, IconX,
} from '@tabler/icons-react' // biome-ignore format: a list of pictures
import { type Language, useLanguage } from '@/state/language'
import { type Say, useText } from '@/state/text'
import { told } from '@/state/words'
import { ago, lasting, moment } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import { VideoLink } from '@/ui/VideoLink'
import { adviceFor } from './advice'
import { ADVICE } from './adviceText'
import type { Job } from './batches'
import { HIGHEST, LOWEST } from './doing'
import { JobProgress } from './JobProgress'
import classes from './Jobs.module.css'
import { TEXT } from './text'
import type { Board } from './useBoard'

type Key = keyof (typeof TEXT)['en'] & string
const PICTURES = { analysis: IconReportAnalytics, fetch: IconCloudDownload, preview: IconDeviceTv } as const

interface Shown {
  job: Job
  board: Board
}

/** One job: what it is for, how far it is, and what can be done with it now. */
export function JobRow({ job, board }: Shown) {
  const say = useText(TEXT)
  const language = useLanguage()
  const name = job.title || say('untitled')
  const Picture = PICTURES[job.kind as keyof typeof PICTURES] ?? IconReportAnalytics
  const isOver = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
  const mayRetry = job.state === 'failed' || job.state === 'cancelled'
  const isWaiting = job.state === 'queued'
  return (
    <li className={classes.row} data-state={job.state}>
      {board.mayEdit && (
        <Checkbox
          size="xs"
          className={classes.pick}
          aria-label={say('pick', { name })}
          checked={board.selected.has(job.id)}
          onChange={() => board.toggle(job)}
          disabled={job.state === 'done'}
        />
      )}
      <Picture className={classes.picture} size={20} stroke={1.5} aria-hidden />
      <div className={classes.what}>
        <span className={classes.name} title={name}>
          {job.video_id ? (
            <VideoLink videoId={job.video_id} analysisId={job.analysis_id}>
              {name}
            </VideoLink>
          ) : (
            name
          )}
        </span>
        <span className={classes.about}>
          {about(job, say, language).map((part) => (
            <span key={part}>{part}</span>
          ))}
        </span>
      </div>
      <div className={classes.how}>
        {job.state === 'running' ? (
          <JobProgress job={job} name={name} />
        ) : (
          <Group gap="xs" wrap="nowrap">
            <StateBadge state={job.state} />
            {isWaiting && job.priority !== 0 && (
              <span className={classes.about}>
                {say(job.priority > 0 ? 'waitsFirst' : 'waitsLast', { priority: signed(job.priority) })}
              </span>
            )}
          </Group>
        )}
      </div>
      {board.mayEdit && (
        <Group gap={2} wrap="nowrap" className={classes.acts}>
          {isWaiting && (
            <>
              <Act
                label={say('up', { name })}
                isDisabled={job.priority >= HIGHEST}
                onClick={() => board.act('up', [job])}
                Icon={IconArrowUp}
              />
              <Act
                label={say('down', { name })}
                isDisabled={job.priority <= LOWEST}
                onClick={() => board.act('down', [job])}
                Icon={IconArrowDown}
              />
            </>
          )}
          {mayRetry && (
            <Act label={say('retry', { name })} onClick={() => board.act('retry', [job])} Icon={IconRotateClockwise} />
          )}
          {!isOver && <Act label={say('cancel', { name })} onClick={() => board.askCancel([job])} Icon={IconX} />}
        </Group>
      )}
      {job.error && job.state !== 'done' && <Failure job={job} />}
    </li>
  )
}

function about(job: Job, say: Say<Key>, language: Language): readonly string[] {
  const known = job.desk === 'qc' || job.desk === 'interview' ? say(job.desk) : null
  const kind = job.kind === 'analysis' || job.kind === 'fetch' || job.kind === 'preview' ? say(job.kind) : job.kind
  const parts = [known ?? kind]
  if (job.finished_at && job.started_at) {
    parts.push(say('ended', { when: ago(job.finished_at, language) }))
    const taken = (new Date(job.finished_at).getTime() - new Date(job.started_at).getTime()) / 1000
    if (job.state === 'done') parts.push(say('took', { time: lasting(taken, language) }))
  } else parts.push(say('asked', { when: ago(job.created_at, language) }))
  if (job.attempts > 1) parts.push(say('tried', { count: job.attempts }))
  return parts
}

/** What went wrong, and what can be done about it. */
function Failure({ job }: { job: Job }) {
  const say = useText(TEXT)
  const advise = useText(ADVICE)
  const language = useLanguage()
  const why = told(job.error?.message, language)
  if (job.state === 'queued') {
    return <p className={classes.waits}>{say('again', { count: job.attempts, why })}</p>
  }
  if (job.state !== 'failed') return null
  const advice = adviceFor(job.error?.type ?? '')
  return (
    <div className={classes.failure}>
      <p>{why}</p>
      {advice && <p className="sl-quiet">{advise(advice)}</p>}
      <p className="sl-quiet">{moment(job.finished_at, language)}</p>
    </div>
  )
}

interface Acting {
  label: string
  onClick: () => void
  Icon: typeof IconX
  isDisabled?: boolean
}

function Act({ label, onClick, Icon, isDisabled }: Acting) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} onClick={onClick} disabled={isDisabled}>
      <Icon size={17} stroke={1.7} />
    </ActionIcon>
  )
}

function signed(priority: number): string {
  return priority > 0 ? `+${priority}` : `−${-priority}`
}
