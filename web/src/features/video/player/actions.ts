import { seconds } from '@/state/seconds'
import type { EventView } from '../data/evidence'
import type { Finding, Playback } from '../playback'
import type { Action } from './keys'
import type { Machine } from './machine'
import { faster } from './shuttle'

export interface Zoomer {
  zoom(factor: number): void
  showWhole(): void
}

/** What can be gone to with the arrows up and down: findings, or shots where nothing was found. */
export interface Stops {
  readonly events: readonly EventView[]
  readonly shots: readonly number[]
}

export interface Around {
  readonly machine: Machine
  readonly zoomer: () => Zoomer | null
  readonly stops: () => Stops
  readonly fullScreen: () => void
  readonly help: () => void
}

const CLOSER = 1.6
/** A moment this near counts as the one one is at. */
const HERE_S = 0.002

export type Actions = Readonly<Record<Action, () => void>>

export function actionsFor({ machine, zoomer, stops, fullScreen, help }: Around): Actions {
  const { playback } = machine
  const shuttle = (direction: 1 | -1) => () => {
    const { speed, isPlaying } = playback.state
    machine.shuttle(faster(speed, isPlaying, direction))
  }
  return {
    toggle: () => machine.toggle(),
    backward: shuttle(-1),
    stop: () => machine.stop(),
    forward: shuttle(1),
    frameBack: () => machine.step(-1),
    frameOn: () => machine.step(1),
    secondBack: () => machine.skip(-1),
    secondOn: () => machine.skip(1),
    previous: () => goTo(playback, stops(), -1),
    next: () => goTo(playback, stops(), 1),
    markIn: () => playback.mark('inPoint', machine.edge('in')),
    markOut: () => playback.mark('outPoint', machine.edge('out')),
    toIn: () => playback.state.inPoint !== null && playback.seek(playback.state.inPoint),
    toOut: () => playback.state.outPoint !== null && playback.seek(playback.state.outPoint),
    clearMarks: () => playback.set({ inPoint: null, outPoint: null }),
    loop: () => machine.setLooping(!machine.state.isLooping),
    first: () => playback.seek(seconds(0)),
    last: () => playback.seek(playback.state.duration),
    closer: () => zoomer()?.zoom(CLOSER),
    wider: () => zoomer()?.zoom(1 / CLOSER),
    whole: () => zoomer()?.showWhole(),
    fullScreen,
    mute: () => machine.mute(),
    help,
  }
}

export function findingOf(event: EventView, check?: string): Finding {
  const span = { start: seconds(event.start_s), end: seconds(event.end_s) }
  return { from: 'event', id: event.kind, span, ...(check ? { check } : {}) }
}

/** The next place to stop at from a moment. Several that begin together are one. */
export function stopFrom({ events, shots }: Stops, at: number, direction: 1 | -1): Finding | number | null {
  const isNext = (start: number) => (direction === 1 ? start > at + HERE_S : start < at - HERE_S)
  const isNearer = (start: number, than: number) => (direction === 1 ? start < than : start > than)
  let found: EventView | null = null
  for (const event of events) {
    if (isNext(event.start_s) && (!found || isNearer(event.start_s, found.start_s))) found = event
  }
  if (found || events.length > 0) return found && findingOf(found)
  let shot: number | null = null
  for (const start of shots) if (isNext(start) && (shot === null || isNearer(start, shot))) shot = start
  return shot
}

function goTo(playback: Playback, stops: Stops, direction: 1 | -1): void {
  const found = stopFrom(stops, playback.state.time, direction)
  if (typeof found === 'number') playback.seek(seconds(found))
  else if (found) playback.show(found)
}
