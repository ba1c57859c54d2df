import type { Span } from '@/state/seconds'
import { lengthOf, type View } from '../axis/view'
import { type Columns, columnsFor, fill, type Scale } from './curve'
import { placesIn, type Row } from './found'
import type { CurveSpec } from './groups'
import { EVENT_ROW_PX, eventRowTop, type Lane } from './layout'
import type { Palette } from './palette'
import { drawArea, drawBand, drawLine, type Frame, heightOf, type Raster } from './raster'
import type { Tiles } from './tiles'

/** What a pass over the lanes needs; pixels of CSS, `ratio` of them to those of the raster. */
export interface Canvas {
  readonly raster: Raster
  readonly palette: Palette
  readonly view: View
  readonly ratio: number
  /** How far the lanes are scrolled down. */
  readonly scrolled: number
}

export interface Axis {
  readonly low: number
  readonly high: number
}

const PADDING_PX = 7
const THICKNESS_PX = 1.3
/** Strengths of 256. */
const FAINT = 34
const HALF = 96
const STRONG = 150

export function scaleOf({ view, raster }: Canvas): Scale {
  return { start: view.start, perColumn: lengthOf(view) / raster.width }
}

function columnOf(canvas: Canvas, at: number): number {
  return ((at - canvas.view.start) / lengthOf(canvas.view)) * canvas.raster.width
}

function rowsOfLane({ ratio, scrolled, raster }: Canvas, lane: Lane): readonly [number, number] {
  const top = Math.round((lane.top - scrolled) * ratio)
  const bottom = Math.round((lane.top + lane.height - scrolled) * ratio)
  return [Math.max(0, top), Math.min(raster.height, bottom)]
}

/** The ground of a lane and the line beneath it. */
export function paintGround(canvas: Canvas, lane: Lane): void {
  const { raster, palette } = canvas
  const bottom = Math.round((lane.top + lane.height - canvas.scrolled) * canvas.ratio)
  raster.rect(0, bottom - Math.max(1, Math.round(canvas.ratio)), raster.width, bottom, palette.line)
}

export function paintSpan(canvas: Canvas, span: Span): void {
  const { raster, palette } = canvas
  raster.rect(columnOf(canvas, span.start), 0, columnOf(canvas, span.end), raster.height, palette.accent, FAINT)
}

export function frameOf(canvas: Canvas, lane: Lane, axis: Axis): Frame {
  const { ratio, scrolled } = canvas
  return {
    top: (lane.top + PADDING_PX - scrolled) * ratio,
    bottom: (lane.top + lane.height - PADDING_PX - scrolled) * ratio,
    ...axis,
    clip: rowsOfLane(canvas, lane),
  }
}

export interface Rule {
  readonly value: number
  readonly isLimit: boolean
}

/** The curves of a lane, with the lines they are held against. */
export function paintCurves(
  canvas: Canvas,
  lane: Lane,
  axis: Axis,
  rules: readonly Rule[],
  tiles: Tiles,
  level: number,
): void {
  if (!lane.group) return
  const { raster, palette, ratio } = canvas
  const frame = frameOf(canvas, lane, axis)
  for (const { value, isLimit } of rules) {
    if (value < axis.low || value > axis.high) continue
    const y = Math.round(heightOf(frame, value))
    if (y < frame.clip[0] || y >= frame.clip[1]) continue
    const color = isLimit ? palette.severities[2] : palette.line
    const [dash, gap] = isLimit ? [6 * ratio, 4 * ratio] : [raster.width, 0]
    for (let x = 0; x < raster.width; x += dash + gap)
      raster.rect(x, y, x + dash, y + Math.max(1, ratio), color, isLimit ? 190 : 256)
  }
  lane.group.curves.forEach((spec, place) => {
    const color = palette.curves[place % palette.curves.length] as number
    paintCurve(canvas, spec, frame, color, (name) =>
      columnsIn(canvas, name, lane.group?.isStepped ?? false, tiles, level),
    )
  })
}

function paintCurve(
  { raster, ratio }: Canvas,
  spec: CurveSpec,
  frame: Frame,
  color: number,
  columns: (name: string) => Columns,
): void {
  const found = columns(spec.signal)
  if (spec.style === 'band' && spec.upTo) {
    drawBand(raster, found, columns(spec.upTo), frame, color, HALF)
    return
  }
  if (spec.style === 'area') drawArea(raster, found, frame, color, HALF)
  drawLine(raster, found, frame, color, THICKNESS_PX * ratio)
}

function columnsIn(canvas: Canvas, name: string, isStepped: boolean, tiles: Tiles, level: number): Columns {
  const into = columnsFor(canvas.raster.width)
  for (const { curve, span } of tiles.pieces(name, canvas.view, level)) {
    const first = Math.max(0, Math.floor(columnOf(canvas, span.start)))
    const last = Math.min(canvas.raster.width, Math.ceil(columnOf(canvas, span.end)))
    fill(into, curve, scaleOf(canvas), first, last, !isStepped)
  }
  return into
}

/** Events of each kind in a row of their own; where many share a pixel, the gravest is seen. */
export function paintEvents(canvas: Canvas, lane: Lane, rows: readonly Row[]): void {
  const { raster, palette, ratio, scrolled } = canvas
  const worst = new Int8Array(raster.width)
  const starts = new Uint8Array(raster.width)
  const least = Math.max(2, Math.round(2 * ratio))
  rows.forEach((row, place) => {
    const y0 = (eventRowTop(lane, place) + 3 - scrolled) * ratio
    const y1 = y0 + (EVENT_ROW_PX - 6) * ratio
    if (y1 < 0 || y0 > raster.height) return
    worst.fill(-1)
    starts.fill(0)
    const [first, last] = placesIn(row, canvas.view)
    for (let i = first; i < last; i++) {
      const from = columnOf(canvas, row.starts[i] as number)
      const x0 = Math.max(0, Math.round(from))
      const x1 = Math.min(raster.width, Math.max(x0 + least, Math.round(columnOf(canvas, row.ends[i] as number))))
      const severity = row.severities[i] as number
      for (let x = x0; x < x1; x++) if ((worst[x] as number) < severity) worst[x] = severity
      if (from >= 0) starts.fill(1, x0, Math.min(raster.width, x0 + least))
    }
    for (let x = 0, run = 0; x < raster.width; x = run) {
      const [severity, isStart] = [worst[x] as number, starts[x] as number]
      run = x + 1
      while (run < raster.width && worst[run] === severity && starts[run] === isStart) run++
      const color = palette.severities[severity as 0 | 1 | 2]
      if (color !== undefined) raster.rect(x, y0, run, y1, color, isStart ? 256 : STRONG)
    }
  })
}
