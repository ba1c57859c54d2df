import { IconMicrophone, IconTarget } from '@tabler/icons-react'
import { clock } from '@/ui/format'
import type { Match, Video } from './api'
import classes from './entry.module.css'
import { Go } from './Go'
import { Marked } from './Marked'
import { useShown } from './shown'

const MOST_SHOWN = 2

/** What a search found inside a video: each leads to its moment. */
export function Matches({ video, isActive }: { video: Video; isActive: boolean }) {
  const inside = video.matches.filter((match) => match.where === 'speech' || match.where === 'event')
  return (
    <span className={classes.matches}>
      {inside.slice(0, MOST_SHOWN).map((match) => (
        <Reason key={`${match.where} ${match.kind} ${match.start_s}`} video={video} match={match} isActive={isActive} />
      ))}
    </span>
  )
}

function Reason({ video, match, isActive }: { video: Video; match: Match; isActive: boolean }) {
  const { say, word, query } = useShown()
  const isSpoken = match.where === 'speech'
  const text = isSpoken ? match.text : word(`kind.${match.kind ?? match.text}`, match.text)
  const Icon = isSpoken ? IconMicrophone : IconTarget
  const time = match.start_s === null ? null : clock(match.start_s)
  return (
    <Go
      videoId={video.id}
      analysisId={match.analysis_id}
      at_s={match.start_s}
      className={classes.reason}
      isReachable={isActive}
      title={time ? say('goTo', { time }) : undefined}
    >
      <Icon size={13} aria-label={say(isSpoken ? 'heard' : 'found')} role="img" />
      {time && <span className={classes.moment}>{time}</span>}
      <span className={classes.said}>
        <Marked text={text} query={query} />
        {!isSpoken && match.count !== null && match.count > 1 && ` ${say('times', { count: match.count })}`}
      </span>
    </Go>
  )
}
