import { seconds } from '@/state/seconds'
import { lengthOf, pinched, secondsAt } from '../axis/view'
import type { Stage } from './stage'

/** Further than this a press is a drag. */
const SLACK_PX = 4
/** How much a notch of the wheel (about 100 units) zooms. */
const WHEEL = 0.0022

export interface Clicks {
  /** Somebody pressed and let go without moving. */
  click(x: number, y: number): void
  /** Twice at once. */
  double(x: number, y: number): void
}

/**
 * Wheel, drag and pinch over an element that shows the stage's view: drag pans, two fingers pinch, Control or ⌘ with the
 * wheel zooms about the pointer, Shift with the wheel and sideways wheels pan. A plain wheel scrolls as everywhere.
 */
export function follow(element: HTMLElement, stage: Stage, clicks: Clicks, wheelZooms = false): () => void {
  const fingers = new Map<number, number>()
  let pressed: { x: number; y: number; moved: boolean } | null = null
  const placeOf = (event: MouseEvent): readonly [number, number] => {
    const box = element.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    const [x, y] = placeOf(event)
    element.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, x)
    pressed = fingers.size === 1 ? { x, y, moved: false } : null
  }
  const move = (event: PointerEvent) => {
    const [x, y] = placeOf(event)
    const before = fingers.get(event.pointerId)
    if (before === undefined) {
      if (event.pointerType === 'mouse') stage.point(x, y)
      return
    }
    if (fingers.size >= 2) {
      const [first, second] = [...fingers.keys()] as [number, number]
      const was = [fingers.get(first) ?? 0, fingers.get(second) ?? 0] as const
      fingers.set(event.pointerId, x)
      const now = [fingers.get(first) ?? 0, fingers.get(second) ?? 0] as const
      stage.setView(pinched(stage.view, was, now, stage.whole))
      return
    }
    if (!pressed) return
    if (!pressed.moved && Math.abs(x - pressed.x) < SLACK_PX) return
    pressed.moved = true
    stage.isFollowing = false
    fingers.set(event.pointerId, x)
    stage.pan(((before - x) / stage.view.width) * lengthOf(stage.view))
    if (event.pointerType === 'mouse') stage.point(x, y)
  }
  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId)
    if (pressed && !pressed.moved && event.type === 'pointerup') clicks.click(pressed.x, pressed.y)
    pressed = null
  }
  const double = (event: MouseEvent) => clicks.double(...placeOf(event))
  const leave = () => stage.point(null)
  const wheel = (event: WheelEvent) => {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
    const sideways = event.shiftKey && dx === 0 ? dy : dx
    if (event.ctrlKey || event.metaKey || (wheelZooms && !event.shiftKey && Math.abs(dy) > Math.abs(dx))) {
      event.preventDefault()
      stage.zoom(
        Math.exp(-dy * (event.ctrlKey && Math.abs(dy) < 20 ? 6 : 1) * WHEEL),
        secondsAt(stage.view, placeOf(event)[0]),
      )
    } else if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(dy))) {
      event.preventDefault()
      stage.isFollowing = false
      stage.pan((sideways / stage.view.width) * lengthOf(stage.view))
    }
  }

  const passive = { passive: false } as const
  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
  element.addEventListener('pointerleave', leave)
  element.addEventListener('dblclick', double)
  element.addEventListener('wheel', wheel, passive)
  return () => {
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', up)
    element.removeEventListener('pointerleave', leave)
    element.removeEventListener('dblclick', double)
    element.removeEventListener('wheel', wheel)
  }
}

/** Pressing or dragging on the ruler moves the playhead; with Shift it marks from where to where. */
export function scrub(element: HTMLElement, stage: Stage): () => void {
  const { playback } = stage
  let from: number | null = null
  let isMarking = false
  const at = (event: PointerEvent) => {
    const box = element.getBoundingClientRect()
    return Math.min(Math.max(stage.whole.start, secondsAt(stage.view, event.clientX - box.left)), stage.whole.end)
  }
  const go = (event: PointerEvent) => {
    const to = at(event)
    if (!isMarking || from === null) playback.seek(seconds(to))
    else if (to !== from) {
      playback.set({ inPoint: seconds(Math.min(from, to)), outPoint: seconds(Math.max(from, to)) })
    }
  }
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    element.setPointerCapture(event.pointerId)
    from = at(event)
    isMarking = event.shiftKey
    stage.isFollowing = true
    go(event)
  }
  const move = (event: PointerEvent) => {
    if (from !== null) go(event)
  }
  const up = () => {
    from = null
  }
  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
  return () => {
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', up)
  }
}
