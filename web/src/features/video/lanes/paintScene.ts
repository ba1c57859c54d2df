import { seconds } from '@/state/seconds'
import { pixelOf } from '../axis/view'
import type { PlaybackState } from '../playback'
import { EVENT_ROW_PX, eventRowTop, type Lane } from './layout'
import { type Axis, type Canvas, paintCurves, paintEvents, paintGround, paintSpan } from './paint'
import { type Easel, paintShots, paintWords } from './paintPictures'
import type { Scene } from './scene'
import type { Tiles } from './tiles'

/** What a pass needs beside the scene. */
interface Around {
  readonly playback: PlaybackState
  readonly tiles: Tiles
  readonly level: number
  readonly axisOf: (lane: Lane) => Axis | null
}

/** All lanes that are in sight: first into the raster, then pictures and text over it. */
export function paintScene(context: CanvasRenderingContext2D, canvas: Canvas, scene: Scene, around: Around): void {
  const { raster, palette, view, ratio, scrolled } = canvas
  const { inPoint, outPoint, duration } = around.playback
  const foot = scrolled + raster.height / ratio
  const seen = scene.lanes.filter(({ top, height }) => top + height > scrolled && top < foot)
  raster.clear(palette.ground)
  if (inPoint !== null || outPoint !== null) {
    paintSpan(canvas, { start: inPoint ?? seconds(0), end: outPoint ?? duration })
  }
  for (const lane of seen) {
    const axis = around.axisOf(lane)
    if (lane.kind === 'curves' && axis) {
      paintCurves(canvas, lane, axis, scene.rules.get(lane.id) ?? [], around.tiles, around.level)
    }
    if (lane.kind === 'events') paintEvents(canvas, lane, scene.rows)
    paintGround(canvas, lane)
  }
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.putImageData(raster.image, 0, 0)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const easel: Easel = { context, palette, view, scrolled }
  for (const lane of seen) {
    if (lane.kind === 'shots') paintShots(easel, lane, scene.shots, scene.sheets)
    if (lane.kind === 'words') paintWords(easel, lane, scene.words, scene.wordStarts)
    if (lane.kind === 'events') paintChosen(easel, lane, scene, around.playback)
  }
}

/** A frame around the event that is looked at. */
function paintChosen(
  { context, palette, view, scrolled }: Easel,
  lane: Lane,
  { rows }: Scene,
  { finding }: PlaybackState,
): void {
  const row = rows.findIndex(({ kind }) => kind === finding?.id)
  if (finding?.from !== 'event' || row < 0) return
  const [left, right] = [pixelOf(view, finding.span.start), pixelOf(view, finding.span.end)]
  context.strokeStyle = palette.css.ink
  context.lineWidth = 2
  context.strokeRect(left - 2, eventRowTop(lane, row) + 1 - scrolled, Math.max(3, right - left) + 4, EVENT_ROW_PX - 2)
}
