import { type Seconds, seconds } from '@/state/seconds'
import type { Playback } from '../playback'
import { faultOf, type MachineState, STILL } from './machineState'
import type { Pictures } from './pictures'

/** A seek that has not ended after so long is not waited for: the next one goes out. */
const LONGEST_SEEK_MS = 1500
const FIRST_PICTURE_MS = 300
/** Players stop a little before the length the container claims. */
const TAIL_S = 0.001

/**
 * Drives a `video` or `audio` element for a `Playback`: seeks to the middle of pictures, tells which one is on screen,
 * shuttles backwards by seeking, loops between the marks.
 */
export class Machine {
  #media: HTMLMediaElement | null = null
  #pictures: Pictures | null = null
  #state: MachineState = STILL
  readonly #listeners = new Set<() => void>()
  #ending: (() => void)[] = []
  /** The element's time of what the analysis calls 0; learnt from the first picture. */
  #offset = 0
  #firstShown: number | null = null
  #wanted: Seconds | null = null
  #sent: { readonly to: Seconds; readonly at: number } | null = null
  #reverse = 0
  #isReady = false

  constructor(readonly playback: Playback) {}

  get state(): MachineState {
    return this.#state
  }

  get pictures(): Pictures | null {
    return this.#pictures
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #set(part: Partial<MachineState>): void {
    this.#state = { ...this.#state, ...part }
    for (const listener of this.#listeners) listener()
  }

  /** Hands it the clock of the pictures; null for sound alone. */
  setPictures(pictures: Pictures | null): void {
    this.#pictures = pictures
    this.#learnOffset()
    // A media that begins late ends later than its length.
    if (pictures?.end && pictures.end > this.playback.state.duration) this.playback.set({ duration: pictures.end })
    this.#tellFrame(this.playback.state.time)
    // What was aimed at by estimate is aimed at again, now that it is known better.
    const { time, isPlaying } = this.playback.state
    if (time > 0 && !isPlaying) this.#seek(time)
  }

  /** Takes an element over, until the returned function is called. */
  attach(media: HTMLMediaElement): () => void {
    this.#media = media
    this.#isReady = false
    this.#offset = 0
    this.#firstShown = null
    this.#set({ fault: null, isMuted: media.muted, volume: media.volume })
    const on = <K extends keyof HTMLMediaElementEventMap>(name: K, act: () => void) => {
      media.addEventListener(name, act)
      this.#ending.push(() => media.removeEventListener(name, act))
    }
    on('loadedmetadata', () => this.#measured())
    on('loadeddata', () => this.#soon())
    on('play', () => this.playback.set({ isPlaying: true }))
    on('pause', () => this.#reverse || this.playback.set({ isPlaying: false, speed: 1 }))
    on('seeked', () => this.#seeked())
    on('waiting', () => this.#set({ isWaiting: true }))
    for (const name of ['playing', 'canplay', 'seeked'] as const) on(name, () => this.#set({ isWaiting: false }))
    on('volumechange', () => this.#set({ isMuted: media.muted, volume: media.volume }))
    on('error', () => this.#set({ fault: faultOf(media.error), isWaiting: false }))
    this.#ending.push(this.#follow(media))
    this.playback.seeker = (to) => this.#seek(to)
    this.playback.shuttler = (speed) => this.shuttle(speed)
    if (media.readyState >= 1) this.#measured()
    if (media.readyState >= 2) this.#soon()
    return () => this.#release()
  }

  #release(): void {
    this.#stopReverse()
    for (const end of this.#ending) end()
    this.#ending = []
    this.#media = null
    this.playback.seeker = null
    this.playback.shuttler = null
    this.playback.set({ isPlaying: false })
  }

  /** Hears of every picture that comes on screen; looks at the clock where there are none or the browser tells nothing. */
  #follow(media: HTMLMediaElement): () => void {
    let handle = 0
    if (media instanceof HTMLVideoElement && 'requestVideoFrameCallback' in media) {
      const seen = (_: number, { mediaTime }: { readonly mediaTime: number }) => {
        this.#shown(media, mediaTime)
        handle = media.requestVideoFrameCallback(seen)
      }
      handle = media.requestVideoFrameCallback(seen)
      return () => media.cancelVideoFrameCallback(handle)
    }
    const look = () => {
      if (!media.paused) this.#shown(media, media.currentTime)
      handle = requestAnimationFrame(look)
    }
    handle = requestAnimationFrame(look)
    return () => cancelAnimationFrame(handle)
  }

  #measured(): void {
    const media = this.#media
    if (!media || !Number.isFinite(media.duration)) return
    const known = this.playback.state.duration
    if (media.duration > known) this.playback.set({ duration: seconds(media.duration) })
  }

  #soon(): void {
    const waiting = setTimeout(() => this.#begin(), FIRST_PICTURE_MS)
    this.#ending.push(() => clearTimeout(waiting))
  }

  /** Where the page was asked to begin is gone to once the first picture was seen, or none came. */
  #begin(): void {
    if (this.#isReady) return
    this.#isReady = true
    const { time } = this.playback.state
    if (time > 0) this.#seek(time)
    else this.#tellFrame(time)
  }

  #shown(media: HTMLMediaElement, mediaTime: number): void {
    if (!this.#isReady && media.paused) {
      this.#firstShown = mediaTime
      this.#learnOffset()
      this.#begin()
      return
    }
    const at = mediaTime - this.#offset
    if (!media.paused && !media.seeking) {
      this.playback.set({ time: seconds(Math.max(0, at)) })
      this.#loop(at)
    }
    this.#tellFrame(at)
  }

  /** Some browsers count from the first picture, some from what the file says. */
  #learnOffset(): void {
    if (this.#firstShown !== null && this.#pictures) this.#offset = this.#firstShown - this.#pictures.startOf(0)
  }

  #tellFrame(at: number): void {
    const frame = this.#pictures ? this.#pictures.at(at) : null
    if (frame !== this.#state.frame) this.#set({ frame })
  }

  #loop(at: number): void {
    const { inPoint, outPoint, isPlaying, speed } = this.playback.state
    if (!this.#state.isLooping || !isPlaying || speed < 0) return
    const end = outPoint ?? this.playback.state.duration
    if (at >= end - TAIL_S && end > (inPoint ?? 0)) this.playback.seek(inPoint ?? seconds(0))
  }

  /** Where to send the element so that exactly this picture comes on screen. */
  #target(to: Seconds): number {
    const pictures = this.#pictures
    const media = this.#media
    const at = pictures && this.#shouldAim() ? pictures.middleOf(pictures.at(to)) : to
    const last = media && Number.isFinite(media.duration) ? media.duration - TAIL_S : Number.POSITIVE_INFINITY
    return Math.min(Math.max(0, at + this.#offset), last)
  }

  #shouldAim(): boolean {
    return this.#media instanceof HTMLVideoElement && (this.#media.paused || this.#reverse !== 0)
  }

  /** One seek at a time; of those that come meanwhile the last counts. */
  #seek(to: Seconds): void {
    const media = this.#media
    this.#tellFrame(to)
    if (!media || !this.#isReady) return
    this.#wanted = to
    if (media.seeking && this.#sent && performance.now() - this.#sent.at < LONGEST_SEEK_MS) return
    this.#send(media, to)
  }

  #send(media: HTMLMediaElement, to: Seconds): void {
    this.#sent = { to, at: performance.now() }
    media.currentTime = this.#target(to)
  }

  #seeked(): void {
    const media = this.#media
    if (!media || this.#wanted === null) return
    if (this.#sent?.to !== this.#wanted) this.#send(media, this.#wanted)
    else this.#wanted = null
  }

  play(): void {
    const { inPoint, outPoint, time, duration } = this.playback.state
    this.#stopReverse()
    const end = this.#state.isLooping ? (outPoint ?? duration) : duration
    if (time >= end - 0.02) this.playback.seek((this.#state.isLooping ? inPoint : null) ?? seconds(0))
    this.shuttle(this.#state.pace)
  }

  stop(): void {
    this.shuttle(0)
  }

  toggle(): void {
    if (this.playback.state.isPlaying) this.stop()
    else this.play()
  }

  /** The speed of ordinary playing. */
  setPace(pace: number): void {
    this.#set({ pace })
    if (this.playback.state.isPlaying) this.shuttle(pace)
  }

  shuttle(speed: number): void {
    const media = this.#media
    if (!media) return
    this.#stopReverse()
    if (speed > 0) {
      media.playbackRate = Math.min(16, speed)
      this.playback.set({ speed })
      void media.play().catch(() => this.playback.set({ isPlaying: false, speed: 1 }))
      return
    }
    media.pause()
    if (speed === 0) this.playback.set({ isPlaying: false, speed: 1 })
    else this.#runBackwards(speed)
  }

  #runBackwards(speed: number): void {
    this.playback.set({ isPlaying: true, speed })
    const began = performance.now()
    const from = this.playback.state.time
    const step = () => {
      const at = from + ((performance.now() - began) / 1000) * speed
      this.playback.seek(seconds(at))
      if (at <= 0) this.shuttle(0)
      else this.#reverse = requestAnimationFrame(step)
    }
    this.#reverse = requestAnimationFrame(step)
  }

  #stopReverse(): void {
    cancelAnimationFrame(this.#reverse)
    this.#reverse = 0
  }

  /** Goes so many pictures on or, negative, back; a hundredth of a second each for sound alone. */
  step(by: number): void {
    if (this.playback.state.isPlaying) this.stop()
    const { time } = this.playback.state
    const pictures = this.#pictures
    if (!pictures) this.playback.seek(seconds(time + by * 0.01))
    else this.playback.seek(pictures.startOf(Math.max(0, pictures.at(time) + by)))
  }

  /** Where a mark is set: in at the start of the picture on screen, out at its end. */
  edge(side: 'in' | 'out'): Seconds {
    const { time, duration } = this.playback.state
    const pictures = this.#pictures
    if (!pictures) return time
    const frame = pictures.at(time)
    return seconds(Math.min(duration, pictures.startOf(side === 'in' ? frame : frame + 1)))
  }

  /** To a moment so many seconds away. */
  skip(by: number): void {
    this.playback.seek(seconds(this.playback.state.time + by))
  }

  setLooping(isLooping: boolean): void {
    this.#set({ isLooping })
  }

  setVolume(volume: number): void {
    if (!this.#media) return
    this.#media.volume = Math.min(1, Math.max(0, volume))
    this.#media.muted = volume <= 0
  }

  mute(): void {
    if (this.#media) this.#media.muted = !this.#media.muted
  }
}
