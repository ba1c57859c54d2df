import { ticksOf } from '../axis/ticks'
import { pixelOf, type View } from '../axis/view'
import type { PlaybackState } from '../playback'
import type { Palette } from './palette'

/** How the ruler counts. */
export interface Clock {
  /** `step`: seconds from one label to the next. */
  readonly label: (at: number, step: number) => string
  /** Pictures a second; null for sound alone. */
  readonly rate: number | null
  readonly firstPicture: number
}

/** Least distance of two labels. */
const LABEL_PX = 92

export function paintRuler(
  ruler: HTMLCanvasElement,
  palette: Palette,
  view: View,
  { inPoint, outPoint, duration }: PlaybackState,
  clock: Clock,
): void {
  const context = ruler.getContext('2d')
  if (!context) return
  const [width, height] = [ruler.clientWidth, ruler.clientHeight]
  const ratio = ruler.width / Math.max(1, width)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  if (inPoint !== null || outPoint !== null) {
    const [left, right] = [pixelOf(view, inPoint ?? 0), pixelOf(view, outPoint ?? duration)]
    context.fillStyle = palette.css.accent
    context.globalAlpha = 0.3
    context.fillRect(left, 0, Math.max(1, right - left), height)
    context.globalAlpha = 1
    for (const edge of [inPoint, outPoint]) if (edge !== null) context.fillRect(pixelOf(view, edge) - 1, 0, 2, height)
  }
  const { step, ticks } = ticksOf(view, LABEL_PX, clock.rate, clock.firstPicture)
  context.font = '11px ui-monospace, "Cascadia Mono", "Roboto Mono", Menlo, monospace'
  context.textBaseline = 'top'
  for (const { at, isMajor } of ticks) {
    const x = Math.round(pixelOf(view, at))
    context.fillStyle = isMajor ? palette.css.quiet : palette.css.line
    context.fillRect(x, isMajor ? height - 9 : height - 5, 1, isMajor ? 9 : 5)
    if (!isMajor) continue
    const label = clock.label(at, step)
    // A label that would be cut off says something else than it should.
    if (x + 4 + context.measureText(label).width <= width) context.fillText(label, x + 4, 5)
  }
}
