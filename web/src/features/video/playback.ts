import { createContext, useContext, useSyncExternalStore } from 'react'
import { type Seconds, type Span, seconds } from '@/state/seconds'

/** Something on the timeline a person pointed at; the panel shows it and the player goes there. */
export interface Finding {
  /** What it is: an event of the timeline, a check's finding, a metric's or a claim's moment, a spoken word. */
  readonly from: 'event' | 'check' | 'metric' | 'claim' | 'word'
  /** Kind of the event, id of the check or of the metric. */
  readonly id: string
  readonly span: Span
  /** The check it fails, where one is known. */
  readonly check?: string
}

export interface PlaybackState {
  readonly time: Seconds
  readonly duration: Seconds
  readonly isPlaying: boolean
  /** Negative while shuttling backwards. */
  readonly speed: number
  readonly inPoint: Seconds | null
  readonly outPoint: Seconds | null
  readonly finding: Finding | null
}

/**
 * The one truth about where the player is. The player writes `time` while it plays and obeys `seeker`; lanes, panel and
 * transcript read it and call the rest. Not React state: it changes with every picture.
 */
export class Playback {
  #state: PlaybackState
  readonly #listeners = new Set<() => void>()
  /** Set by the player: goes to a moment, shuttles. Without a player only the state moves. */
  seeker: ((to: Seconds) => void) | null = null
  shuttler: ((speed: number) => void) | null = null

  constructor(duration: Seconds) {
    this.#state = {
      time: seconds(0), duration, isPlaying: false, speed: 1, inPoint: null, outPoint: null, finding: null,
    } // biome-ignore format: one state, one line
  }

  get state(): PlaybackState {
    return this.#state
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(part: Partial<PlaybackState>): void {
    this.#state = { ...this.#state, ...part }
    for (const listener of this.#listeners) listener()
  }

  /** Goes to a moment, kept inside the media. */
  seek(to: Seconds): void {
    const at = seconds(Math.min(Math.max(0, to), this.#state.duration))
    this.set({ time: at })
    this.seeker?.(at)
  }

  /** Plays at a speed; 0 stops. */
  shuttle(speed: number): void {
    this.shuttler?.(speed)
  }

  /** Selects a finding and goes to its first moment; null selects nothing. */
  show(finding: Finding | null): void {
    this.set({ finding })
    if (finding) this.seek(finding.span.start)
  }

  mark(side: 'inPoint' | 'outPoint', at: Seconds | null): void {
    this.set({ [side]: at })
  }
}

export const PlaybackContext = createContext<Playback | null>(null)

export function usePlayback(): Playback {
  const found = useContext(PlaybackContext)
  if (!found) throw new Error('outside of a PlaybackContext')
  return found
}

/** A part of the state, drawn anew when that part changes: `usePlaybackState((state) => state.isPlaying)`. */
export function usePlaybackState<Part>(pick: (state: PlaybackState) => Part): Part {
  const playback = usePlayback()
  return useSyncExternalStore(playback.listen, () => pick(playback.state))
}
