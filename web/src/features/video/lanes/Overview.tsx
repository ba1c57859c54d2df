import { useEffect, useRef } from 'react'
import { seconds } from '@/state/seconds'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import { lengthOf } from '../axis/view'
import { usePlayback } from '../playback'
import classes from './Lanes.module.css'
import type { Palette } from './palette'
import type { Stage } from './stage'
import { TEXT } from './text'

/** All of the media in a strip, and the part of it that the lanes show, which can be dragged and made longer. */
export function Overview({ stage }: { stage: Stage }) {
  const say = useText(TEXT)
  const playback = usePlayback()
  const strip = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const part = useRef<HTMLDivElement>(null)
  const head = useRef<HTMLDivElement>(null)

  useEffect(() => {
    let drawn: unknown[] = []
    return stage.onDraw(({ view, palette }) => {
      const all = lengthOf(stage.whole)
      const width = strip.current?.clientWidth ?? 0
      if (part.current) {
        const left = ((view.start - stage.whole.start) / all) * width
        part.current.style.transform = `translateX(${left}px)`
        part.current.style.width = `${Math.max(8, (lengthOf(view) / all) * width)}px`
        part.current.setAttribute('aria-valuenow', String(Math.round(view.start)))
        part.current.setAttribute('aria-valuetext', `${clock(view.start)} – ${clock(view.end)}`)
      }
      if (head.current) head.current.style.transform = `translateX(${(playback.state.time / all) * width}px)`
      const now = [stage.scene, palette, width]
      if (canvas.current && now.some((one, place) => one !== drawn[place])) {
        drawn = now
        paint(canvas.current, stage, palette)
      }
    })
  }, [stage, playback])

  useEffect(() => (strip.current ? dragged(strip.current, stage) : undefined), [stage])

  const keyed = (event: React.KeyboardEvent) => {
    const tenth = lengthOf(stage.view) / 10
    const moves: Record<string, () => void> = {
      ArrowLeft: () => stage.pan(-tenth),
      ArrowRight: () => stage.pan(tenth),
      ArrowUp: () => stage.zoom(1.6),
      ArrowDown: () => stage.zoom(1 / 1.6),
      PageUp: () => stage.pan(-10 * tenth),
      PageDown: () => stage.pan(10 * tenth),
      Home: () => stage.pan(-stage.whole.end),
      End: () => stage.pan(stage.whole.end),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    stage.isFollowing = false
    move()
  }
  return (
    <div className={classes.overview} ref={strip}>
      <canvas ref={canvas} aria-hidden />
      <div className={classes.overviewHead} ref={head} aria-hidden />
      <div
        className={classes.part}
        ref={part}
        role="slider"
        tabIndex={0}
        aria-label={say('overview')}
        aria-valuemin={0}
        aria-valuemax={Math.round(stage.whole.end)}
        aria-valuenow={0}
        onKeyDown={keyed}
      />
    </div>
  )
}

function paint(canvas: HTMLCanvasElement, stage: Stage, palette: Palette): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const ratio = window.devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const perSecond = width / lengthOf(stage.whole)
  context.fillStyle = palette.css.line
  for (const { start_s } of stage.scene.shots) context.fillRect(start_s * perSecond, height - 5, 1, 5)
  for (const severity of [0, 1, 2] as const) {
    context.fillStyle = palette.css.severities[severity]
    for (const row of stage.scene.rows) {
      for (let i = 0; i < row.starts.length; i++) {
        if (row.severities[i] !== severity) continue
        const length = ((row.ends[i] as number) - (row.starts[i] as number)) * perSecond
        context.fillRect((row.starts[i] as number) * perSecond, 4 + (2 - severity) * 5, Math.max(1.5, length), 4)
      }
    }
  }
}

const EDGE_PX = 6

/** Dragging the part moves it, its edges make it longer or shorter, a press beside it brings it there. */
function dragged(strip: HTMLElement, stage: Stage): () => void {
  let mode: 'move' | 'start' | 'end' | null = null
  let grip = 0
  const at = (event: PointerEvent) => {
    const box = strip.getBoundingClientRect()
    return stage.whole.start + ((event.clientX - box.left) / box.width) * lengthOf(stage.whole)
  }
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    strip.setPointerCapture(event.pointerId)
    const edge = (EDGE_PX / strip.clientWidth) * lengthOf(stage.whole)
    const to = at(event)
    const { start, end } = stage.view
    stage.isFollowing = false
    if (Math.abs(to - start) < edge) mode = 'start'
    else if (Math.abs(to - end) < edge) mode = 'end'
    else mode = 'move'
    if (mode === 'move' && (to < start || to > end)) stage.pan(to - (start + end) / 2)
    grip = to - stage.view.start
  }
  const move = (event: PointerEvent) => {
    if (!mode) return
    const to = at(event)
    const { start, end } = stage.view
    if (mode === 'move') stage.pan(to - grip - start)
    else if (mode === 'start' && to < end) stage.setView({ ...stage.view, start: seconds(to) })
    else if (mode === 'end' && to > start) stage.setView({ ...stage.view, end: seconds(to) })
  }
  const up = () => {
    mode = null
  }
  strip.addEventListener('pointerdown', down)
  strip.addEventListener('pointermove', move)
  strip.addEventListener('pointerup', up)
  strip.addEventListener('pointercancel', up)
  return () => {
    strip.removeEventListener('pointerdown', down)
    strip.removeEventListener('pointermove', move)
    strip.removeEventListener('pointerup', up)
    strip.removeEventListener('pointercancel', up)
  }
}
