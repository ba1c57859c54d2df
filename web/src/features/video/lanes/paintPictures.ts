import { pixelOf, pixelsPerSecond, type View } from '../axis/view'
import type { ShotView, WordView } from '../data/evidence'
import { lastAtOrBefore } from '../player/pictures'
import { stillsOf } from './filmstrip'
import type { Lane } from './layout'
import type { Palette } from './palette'
import type { Sheets } from './sheets'

/** What is drawn with the canvas' own means, over the raster: pictures and text. */
export interface Easel {
  readonly context: CanvasRenderingContext2D
  readonly palette: Palette
  readonly view: View
  readonly scrolled: number
}

const GAP_PX = 4

/** The shots as a strip of film: pictures, with a line at every transition. */
export function paintShots(easel: Easel, lane: Lane, shots: readonly ShotView[], sheets: Sheets | null): void {
  const { context, palette, view, scrolled } = easel
  const top = lane.top - scrolled + GAP_PX
  const height = lane.height - 2 * GAP_PX
  if (sheets) paintStills(easel, top, height, shots, sheets)
  context.fillStyle = palette.css.ground
  context.globalAlpha = lineStrength(shots, view)
  let before = Number.NEGATIVE_INFINITY
  for (const { start_s } of shots) {
    if (start_s <= view.start || start_s >= view.end) continue
    const x = Math.round(pixelOf(view, start_s))
    if (x - before < 3) continue
    before = x
    context.fillRect(x - 1, top, 2, height)
  }
  context.globalAlpha = 1
}

/** Shots that are only a few pixels long are not told apart by lines, which would hide their pictures. */
function lineStrength(shots: readonly ShotView[], view: View): number {
  const first = lastAtOrBefore(shots.map(({ start_s }) => start_s), view.start) // biome-ignore format: one line
  const last = lastAtOrBefore(shots.map(({ start_s }) => start_s), view.end) // biome-ignore format: one line
  const apart = view.width / Math.max(1, last - first)
  return Math.min(1, Math.max(0, (apart - 8) / 16))
}

function paintStills(
  { context, palette, view }: Easel,
  top: number,
  height: number,
  shots: readonly ShotView[],
  sheets: Sheets,
): void {
  const { tile_width, tile_height } = sheets.about
  const wide = (height * tile_width) / tile_height
  for (const { item, left, width } of stillsOf(shots, sheets.times, view, wide)) {
    if (width < 1) continue
    const found = sheets.find(item)
    if (!found) {
      context.fillStyle = palette.css.line
      context.fillRect(left, top, width - 1, height)
      continue
    }
    const share = Math.min(1, width / wide)
    const cut = tile_width * share
    const from = found.x + (tile_width - cut) / 2
    context.drawImage(found.image, from, found.y, cut, tile_height, left, top, width, height)
  }
}

const WORD_FONT =
  '12px Inter, "Pretendard Variable", Pretendard, system-ui, "Noto Sans KR", "Malgun Gothic", sans-serif'
/** Words are written out where a second has so many pixels; before that they are bars. */
const READABLE_PX = 34

/** Words where there is room to read them, else how densely is spoken. Words ascend in time. */
export function paintWords(easel: Easel, lane: Lane, words: readonly WordView[], starts: Float64Array): void {
  const { context, palette, view, scrolled } = easel
  const top = lane.top - scrolled
  const isReadable = pixelsPerSecond(view) >= READABLE_PX
  const first = Math.max(0, lastAtOrBefore(starts, view.start - 5))
  context.font = WORD_FONT
  context.textBaseline = 'middle'
  let reached = Number.NEGATIVE_INFINITY
  for (let i = first; i < words.length; i++) {
    const word = words[i] as WordView
    if (word.start_s >= view.end) break
    const [left, right] = [pixelOf(view, word.start_s), pixelOf(view, word.end_s)]
    if (right < 0 || (!isReadable && right - reached < 1)) continue
    reached = right
    context.fillStyle = word.is_filler ? palette.css.severities[1] : palette.css.accent
    context.globalAlpha = isReadable ? 0.14 : 0.55
    const inset = isReadable ? 5 : 11
    context.fillRect(left, top + inset, Math.max(1, right - left - (isReadable ? 1 : 0)), lane.height - 2 * inset)
    if (!isReadable) continue
    context.globalAlpha = 1
    context.save()
    context.beginPath()
    context.rect(left, top, Math.max(1, right - left - 1), lane.height)
    context.clip()
    context.fillStyle = palette.css.ink
    context.fillText(word.text, left + 3, top + lane.height / 2 + 0.5)
    context.restore()
  }
  context.globalAlpha = 1
}
