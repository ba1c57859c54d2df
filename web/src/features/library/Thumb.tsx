import { IconPhotoOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { address } from '@/api/client'
import { clock } from '@/ui/format'
import { spriteOptions, type Video } from './api'
import { useShown } from './shown'
import { backgroundOf, tileAfter, tileAt } from './sprite'
import classes from './thumb.module.css'

/** What flies by is not asked for: a picture is loaded when its place has been on the screen for so long. */
const REST_MS = 120
const MOST_SEEN = 1000
const seen = new Set<string>()

function useRested(id: string): boolean {
  const [rested, setRested] = useState(() => (seen.has(id) ? id : ''))
  useEffect(() => {
    if (seen.has(id)) {
      setRested(id)
      return
    }
    const timer = setTimeout(() => {
      if (seen.size >= MOST_SEEN) seen.clear()
      seen.add(id)
      setRested(id)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [id])
  return rested === id
}

/** The still of a video. With a pointer, a finger or the arrow keys one looks through it. */
export function Thumb({ video, isActive }: { video: Video; isActive: boolean }) {
  const { say, go } = useShown()
  const isRested = useRested(video.id)
  const [isBroken, setBroken] = useState(video.width === null)
  const [isWanted, setWanted] = useState(false)
  const [tile, setTile] = useState<number | null>(null)
  const hasSheet = video.analyses.some((analysis) => analysis.state === 'done')
  const { data: sprite } = useQuery({ ...spriteOptions(video.id), enabled: isWanted && hasSheet })
  const count = sprite?.times_s.length ?? 0

  // A video that only passes under the pointer is not looked through.
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(resting.current), [])
  const leave = () => {
    clearTimeout(resting.current)
    resting.current = undefined
    setTile(null)
  }
  const look = (event: PointerEvent<HTMLElement>) => {
    if (!hasSheet) return
    if (!isWanted) resting.current ??= setTimeout(() => setWanted(true), REST_MS)
    if (!count || !sprite) return
    const box = event.currentTarget.getBoundingClientRect()
    setTile(tileAt(event.clientX - box.left, box.width, sprite))
  }
  const step = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const at = sprite?.times_s[tile ?? 0]
    if (event.key === 'Enter') {
      event.preventDefault()
      event.stopPropagation()
      go(video.id, null, tile === null ? null : at)
      return
    }
    if (!sprite) return
    const next = tileAfter(tile ?? 0, event.key, sprite)
    if (next === null) return
    event.preventDefault()
    event.stopPropagation()
    setTile(next)
  }
  const at = tile === null ? null : (sprite?.times_s[tile] ?? null)
  const slider = hasSheet
    ? {
        role: 'slider',
        tabIndex: isActive ? 0 : -1,
        'aria-label': say('scrub', { name: video.name }),
        'aria-valuemin': 0,
        'aria-valuemax': Math.max(1, count - 1),
        'aria-valuenow': tile ?? 0,
        'aria-valuetext': clock(at ?? 0),
        onKeyDown: step,
        onFocus: () => setWanted(true),
        onBlur: () => setTile(null),
      }
    : {}
  return (
    <div
      className={classes.thumb}
      data-scrub
      onPointerEnter={look}
      onPointerMove={look}
      onPointerLeave={leave}
      {...slider}
    >
      {isBroken || video.media_removed_at ? (
        <span className={classes.none}>
          <IconPhotoOff size={22} stroke={1.4} aria-hidden />
          <span>{say(video.media_removed_at ? 'removedMedia' : 'noPicture')}</span>
        </span>
      ) : (
        isRested && (
          <img
            src={address(`/videos/${video.id}/thumbnail`, { width: 320 })}
            alt=""
            decoding="async"
            draggable={false}
            className={classes.still}
            onError={() => setBroken(true)}
          />
        )
      )}
      {sprite && count > 0 && tile !== null && (
        <>
          <div
            className={classes.tile}
            style={{
              backgroundImage: `url("${address(`/videos/${video.id}/sprite.jpg`)}")`,
              ...backgroundOf(tile, sprite),
            }}
          />
          <div className={classes.place} style={{ width: `${((tile + 1) / count) * 100}%` }} />
        </>
      )}
      {video.duration_s !== null && (
        <span className={classes.clock} data-clock data-looking={at !== null || undefined}>
          {at !== null && <span>{clock(at)} / </span>}
          {clock(video.duration_s)}
        </span>
      )}
    </div>
  )
}
