import { IconDots } from '@tabler/icons-react'
import { memo } from 'react'
import { bytes, clock, day } from '@/ui/format'
import type { Video } from './api'
import classes from './entry.module.css'
import { Go } from './Go'
import { Marked } from './Marked'
import { Matches } from './Matches'
import { Part } from './Part'
import { Results } from './Results'
import { useShown } from './shown'
import { Thumb } from './Thumb'

export interface EntryOf {
  readonly index: number
  readonly video: Video | undefined
  readonly isChosen: boolean
  /** The keyboard is here: what is in it can be reached with Tab. */
  readonly isActive: boolean
}

export function cellId(index: number): string {
  return `video-at-${index}`
}

/** `1920×1080`, and how many pictures a second. */
export function pictureOf(video: Video): string {
  if (!video.width || !video.height) return ''
  return `${video.width}×${video.height}${video.rate ? ` · ${Number(video.rate.toFixed(3))} fps` : ''}`
}

function Tick({ video, isChosen, isActive }: { video: Video; isChosen: boolean; isActive: boolean }) {
  const { say } = useShown()
  return (
    <span className={classes.tick} data-tick>
      <input
        type="checkbox"
        checked={isChosen}
        // The list around it decides what a click means: with Shift it chooses a range.
        readOnly
        tabIndex={isActive ? 0 : -1}
        aria-label={say('select', { name: video.name })}
      />
    </span>
  )
}

function More({ video, isActive }: { video: Video; isActive: boolean }) {
  const { say } = useShown()
  return (
    <button
      type="button"
      className={classes.more}
      data-more
      tabIndex={isActive ? 0 : -1}
      aria-haspopup="menu"
      aria-label={say('more', { name: video.name })}
    >
      <IconDots size={18} aria-hidden />
    </button>
  )
}

function Tags({ tags }: { tags: readonly string[] }) {
  const { query } = useShown()
  return (
    <span className={classes.tags}>
      {tags.map((tag) => (
        <span key={tag} className={classes.tag} title={tag}>
          <Marked text={tag} query={query} />
        </span>
      ))}
    </span>
  )
}

/** A video as a card of the grid. */
export const Card = memo(function Card({ index, video, isChosen, isActive }: EntryOf) {
  const { language, query } = useShown()
  if (!video) return <Waiting index={index} isActive={isActive} className={classes.card} />
  return (
    <Part
      id={cellId(index)}
      data-index={index}
      role="gridcell"
      aria-selected={isChosen}
      tabIndex={isActive ? 0 : -1}
      className={classes.card}
    >
      <div className={classes.top}>
        <Thumb key={video.id} video={video} isActive={isActive} />
        <Tick video={video} isChosen={isChosen} isActive={isActive} />
        <More video={video} isActive={isActive} />
      </div>
      <div className={classes.words}>
        <Go videoId={video.id} className={classes.name} isReachable={isActive} title={video.name}>
          <Marked text={video.name} query={query} />
        </Go>
        <span className={classes.facts}>
          {[pictureOf(video), day(video.created_at, language)].filter(Boolean).join(' · ')}
        </span>
        <Results video={video} />
        <Tags tags={video.tags} />
        {query && <Matches video={video} isActive={isActive} />}
      </div>
    </Part>
  )
})

/** A video as a row of the list. */
export const Line = memo(function Line({ index, video, isChosen, isActive }: EntryOf) {
  const { language, query } = useShown()
  if (!video) return <Waiting index={index} isActive={isActive} className={classes.line} />
  return (
    <Part
      id={cellId(index)}
      data-index={index}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      tabIndex={isActive ? 0 : -1}
      className={classes.line}
    >
      <Part role="gridcell" className={classes.cellTick}>
        <Tick video={video} isChosen={isChosen} isActive={isActive} />
      </Part>
      <Part role="gridcell" className={classes.cellThumb}>
        <Thumb key={video.id} video={video} isActive={isActive} />
      </Part>
      <Part role="gridcell" className={classes.cellName}>
        <span className={classes.named}>
          <Go videoId={video.id} className={classes.name} isReachable={isActive} title={video.name}>
            <Marked text={video.name} query={query} />
          </Go>
          <Tags tags={video.tags} />
        </span>
        {query && <Matches video={video} isActive={isActive} />}
      </Part>
      <Part role="gridcell" className={classes.cellResults}>
        <Results video={video} />
      </Part>
      <Part role="gridcell" className={classes.cellFact}>
        {video.duration_s === null ? '–' : clock(video.duration_s)}
      </Part>
      <Part role="gridcell" className={classes.cellPicture}>
        {pictureOf(video) || '–'}
      </Part>
      <Part role="gridcell" className={classes.cellSize}>
        {bytes(video.size_bytes, language)}
      </Part>
      <Part role="gridcell" className={classes.cellDay}>
        {day(video.created_at, language)}
      </Part>
      <Part role="gridcell">
        <More video={video} isActive={isActive} />
      </Part>
    </Part>
  )
})

function Waiting({ index, isActive, className }: { index: number; isActive: boolean; className?: string }) {
  const { say } = useShown()
  const isLine = className === classes.line
  const words = (
    <>
      <span className={classes.blank} />
      <span className={classes.blankShort} />
    </>
  )
  return (
    <Part
      id={cellId(index)}
      data-index={index}
      role={isLine ? 'row' : 'gridcell'}
      aria-rowindex={isLine ? index + 2 : undefined}
      aria-label={say('looking')}
      tabIndex={isActive ? 0 : -1}
      className={className}
    >
      {isLine ? (
        <Part role="gridcell" className={classes.blankRow}>
          {words}
        </Part>
      ) : (
        <>
          <div className={classes.blankTop} />
          <div className={classes.words}>{words}</div>
        </>
      )}
    </Part>
  )
}
