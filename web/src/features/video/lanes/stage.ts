import { type Seconds, type Span, seconds } from '@/state/seconds'
import {
  clamped, following, panned, resized, secondsAt, showing, type View, wholeView, zoomed,
} from '../axis/view' // biome-ignore format: one line
import type { EventView } from '../data/evidence'
import type { Playback } from '../playback'
import { axisOf } from './axes'
import { type Values, valueAt } from './curve'
import { hit } from './found'
import { signalsOf } from './groups'
import { eventRowAt, type Lane, laneAt } from './layout'
import type { Loader } from './loader'
import type { Axis, Canvas } from './paint'
import { paintScene } from './paintScene'
import { type Palette, paletteOf } from './palette'
import { Raster } from './raster'
import { type Clock, paintRuler } from './ruler'
import { EMPTY, type Scene } from './scene'
import { levelFor, type Tiles, tilesOf } from './tiles'

export interface Surfaces {
  readonly lanes: HTMLCanvasElement
  readonly ruler: HTMLCanvasElement
  readonly scroller: HTMLElement
}

export interface Pointed {
  readonly x: number
  readonly y: number
  readonly at: Seconds
  readonly lane: Lane | null
}

/** What is told to those who draw something of their own in the same pass: overview, playhead, values. */
export interface Drawn {
  readonly view: View
  readonly palette: Palette
}

/**
 * The lanes on their time axis. Everything that moves is drawn in one pass per frame, outside of React; whoever wants
 * to move along (`onDraw`) does so in the same pass.
 */
export class Stage {
  #view: View
  #scene: Scene = EMPTY
  #surfaces: Surfaces | null = null
  #palette: Palette | null = null
  #raster: Raster | null = null
  #frame = 0
  #pointed: Pointed | null = null
  readonly #axes = new Map<string, Axis>()
  readonly #drawers = new Set<(drawn: Drawn) => void>()
  readonly #viewers = new Set<() => void>()
  clock: Clock = { label: (at) => String(at), rate: null, firstPicture: 0 }
  /** Whether the view moves along while playing. */
  isFollowing = true

  constructor(
    readonly whole: Span,
    readonly playback: Playback,
    readonly tiles: Tiles,
    readonly loader: Loader,
  ) {
    this.#view = wholeView(whole, 800)
  }

  get view(): View {
    return this.#view
  }

  get scene(): Scene {
    return this.#scene
  }

  get pointed(): Pointed | null {
    return this.#pointed
  }

  get palette(): Palette | null {
    return this.#palette
  }

  /** Takes the canvases over until the returned function is called. */
  mount(surfaces: Surfaces): () => void {
    this.#surfaces = surfaces
    this.repaint()
    const watch = new ResizeObserver(() => this.#resize())
    watch.observe(surfaces.lanes)
    watch.observe(surfaces.ruler)
    const scrolled = () => this.draw()
    surfaces.scroller.addEventListener('scroll', scrolled, { passive: true })
    const unfollow = this.playback.listen(() => this.#played())
    this.#resize()
    return () => {
      watch.disconnect()
      surfaces.scroller.removeEventListener('scroll', scrolled)
      unfollow()
      cancelAnimationFrame(this.#frame)
      this.#frame = 0
      this.#surfaces = null
    }
  }

  /** Reads the page's colours anew. */
  repaint(): void {
    if (this.#surfaces) this.#palette = paletteOf(this.#surfaces.lanes)
    this.draw()
  }

  show(scene: Scene): void {
    this.#scene = scene
    this.#axes.clear()
    this.#fetch()
    this.draw()
  }

  /** What came for the curves is drawn, and lanes without a fixed axis get theirs. */
  arrived(): void {
    this.#axes.clear()
    this.draw()
  }

  readonly onDraw = (drawer: (drawn: Drawn) => void): (() => void) => {
    this.#drawers.add(drawer)
    this.draw()
    return () => this.#drawers.delete(drawer)
  }

  /** Hears of every other view, for what React shows of it. */
  readonly onView = (viewer: () => void): (() => void) => {
    this.#viewers.add(viewer)
    return () => this.#viewers.delete(viewer)
  }

  setView(view: View): void {
    const next = clamped(view, this.whole)
    if (next.start === this.#view.start && next.end === this.#view.end && next.width === this.#view.width) return
    this.#view = next
    this.#fetch()
    this.draw()
    for (const viewer of this.#viewers) viewer()
  }

  zoom(factor: number, about: number = this.#middle()): void {
    this.setView(zoomed(this.#view, factor, about, this.whole))
  }

  pan(by: number): void {
    this.setView(panned(this.#view, by, this.whole))
  }

  showWhole(): void {
    this.setView(wholeView(this.whole, this.#view.width))
  }

  bring(span: Span): void {
    this.setView(showing(this.#view, span, this.whole))
  }

  /** The playhead where it is in sight, else the middle. */
  #middle(): number {
    const { time } = this.playback.state
    const { start, end } = this.#view
    return time >= start && time <= end ? time : (start + end) / 2
  }

  #played(): void {
    const { time, isPlaying } = this.playback.state
    if (isPlaying && this.isFollowing) this.setView(following(this.#view, time, this.whole))
    this.draw()
  }

  point(x: number | null, y = 0): void {
    if (x === null) this.#pointed = null
    else {
      const scrolled = y + (this.#surfaces?.scroller.scrollTop ?? 0)
      this.#pointed = { x, y, at: secondsAt(this.#view, x), lane: laneAt(this.#scene.lanes, scrolled) }
    }
    this.draw()
  }

  /** The event under a place of the lanes; null where there is none. */
  eventAt(x: number, y: number): EventView | null {
    const scrolled = y + (this.#surfaces?.scroller.scrollTop ?? 0)
    const lane = laneAt(this.#scene.lanes, scrolled)
    if (lane?.kind !== 'events') return null
    const row = this.#scene.rows[eventRowAt(lane, scrolled, this.#scene.rows.length)]
    if (!row) return null
    const reach = (5 / this.#view.width) * (this.#view.end - this.#view.start)
    const place = hit(row, secondsAt(this.#view, x), reach)
    return place === null ? null : (this.#scene.events[place] ?? null)
  }

  /** What a signal was at a moment, as close as it is known. */
  valueOf(name: string, at: number): Values | null {
    const level = levelFor(this.#view, this.whole, this.#pixels())
    const [tile] = tilesOf({ start: seconds(at), end: seconds(at + 1e-6) }, level, this.whole)
    const curve = tile && this.tiles.best(name, tile)
    return curve ? valueAt(curve, at) : null
  }

  axisOf(lane: Lane): Axis | null {
    if (!lane.group) return null
    const known = this.#axes.get(lane.id)
    if (known) return known
    const made = axisOf(lane.group, this.tiles)
    if (made) this.#axes.set(lane.id, made)
    return made
  }

  #pixels(): number {
    return this.#raster?.width ?? this.#view.width
  }

  #fetch(): void {
    const names = new Set(this.#scene.lanes.flatMap(({ group }) => (group ? signalsOf(group) : [])))
    if (names.size > 0) this.loader.want([...names], this.#view, this.#pixels())
  }

  #resize(): void {
    const surfaces = this.#surfaces
    if (!surfaces) return
    const ratio = window.devicePixelRatio || 1
    for (const canvas of [surfaces.lanes, surfaces.ruler]) {
      const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)]
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
    }
    const { width, height } = surfaces.lanes
    if (width > 0 && height > 0 && (this.#raster?.width !== width || this.#raster.height !== height)) {
      this.#raster = new Raster(width, height)
    }
    this.setView(resized(this.#view, surfaces.lanes.clientWidth || this.#view.width))
    this.#fetch()
    this.#paint()
  }

  draw(): void {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0
        this.#paint()
      })
    }
  }

  #paint(): void {
    const [surfaces, palette, raster] = [this.#surfaces, this.#palette, this.#raster]
    if (!surfaces || !palette) return
    if (raster) this.#paintLanes(surfaces, palette, raster)
    this.#tellDrawn(surfaces.lanes)
    paintRuler(surfaces.ruler, palette, this.#view, this.playback.state, this.clock)
    for (const drawer of this.#drawers) drawer({ view: this.#view, palette })
  }

  /** Says beside the canvas how many lanes are drawn, once none is left out: tests and benchmarks wait for it. */
  #tellDrawn(canvas: HTMLCanvasElement): void {
    const { lanes } = this.#scene
    const isWhole = lanes.length > 0 && lanes.every((lane) => lane.kind !== 'curves' || this.axisOf(lane))
    const said = isWhole ? String(lanes.length) : undefined
    const { dataset } = canvas.parentElement as HTMLElement
    if (dataset.lanesDrawn !== said) {
      if (said) dataset.lanesDrawn = said
      else delete dataset.lanesDrawn
    }
  }

  #paintLanes(surfaces: Surfaces, palette: Palette, raster: Raster): void {
    const context = surfaces.lanes.getContext('2d', { alpha: false, willReadFrequently: true })
    if (!context) return
    const ratio = raster.width / Math.max(1, surfaces.lanes.clientWidth)
    const canvas: Canvas = { raster, palette, view: this.#view, ratio, scrolled: surfaces.scroller.scrollTop }
    const level = levelFor(this.#view, this.whole, raster.width)
    paintScene(context, canvas, this.#scene, {
      playback: this.playback.state,
      tiles: this.tiles,
      level,
      axisOf: (lane) => this.axisOf(lane),
    })
  }
}
