import { describe, expect, test } from 'vitest'
import { pictureSteps, ticksOf } from '@/features/video/axis/ticks'
import {
  CLOSEST_S, clamped, fitted, following, lengthOf, panned, pinched, pixelOf, secondsAt, showing, type View, wholeView, zoomed,
} from '@/features/video/axis/view' // biome-ignore format: one line
import { type Span, seconds } from '@/state/seconds'

const WHOLE: Span = { start: seconds(0), end: seconds(7200) }
const view = (start: number, end: number, width = 1000): View => ({ start: seconds(start), end: seconds(end), width })
const span = (start: number, end: number): Span => ({ start: seconds(start), end: seconds(end) })

describe('the part that is shown', () => {
  test('pixels and seconds are each other undone', () => {
    const shown = view(10, 30, 640)
    for (const pixel of [0, 1, 319.5, 640]) expect(pixelOf(shown, secondsAt(shown, pixel))).toBeCloseTo(pixel, 9)
    expect(pixelOf(shown, 20)).toBe(320)
  })

  test('zooming keeps what is under the pointer under it', () => {
    const before = view(1000, 2000)
    for (const about of [1000, 1234.5, 1999]) {
      const after = zoomed(before, 3, about, WHOLE)
      expect(pixelOf(after, about)).toBeCloseTo(pixelOf(before, about), 6)
      expect(lengthOf(after)).toBeCloseTo(1000 / 3, 9)
    }
  })

  test('zooming in and out again gives the same view', () => {
    const before = view(1000, 2000)
    const after = zoomed(zoomed(before, 2.5, 1300, WHOLE), 1 / 2.5, 1300, WHOLE)
    expect(after.start).toBeCloseTo(1000, 6)
    expect(after.end).toBeCloseTo(2000, 6)
  })

  test('nothing outside of the media is shown, however far one zooms out', () => {
    expect(zoomed(view(7000, 7190), 0.001, 7100, WHOLE)).toEqual(wholeView(WHOLE, 1000))
    expect(zoomed(view(0, 100), 0.5, 90, WHOLE)).toEqual(view(0, 200))
  })

  test('one cannot look closer than the closest', () => {
    expect(lengthOf(zoomed(view(100, 101), 1e9, 100.5, WHOLE))).toBeCloseTo(CLOSEST_S, 9)
  })

  test('panning stops at both ends and keeps its length', () => {
    expect(panned(view(100, 200), -500, WHOLE)).toEqual(view(0, 100))
    expect(panned(view(100, 200), 99_999, WHOLE)).toEqual(view(7100, 7200))
    expect(clamped(view(-50, 50), WHOLE)).toEqual(view(0, 100))
  })

  test('two fingers keep under them what was under them', () => {
    const before = view(1000, 2000)
    const after = pinched(before, [200, 600], [100, 900], WHOLE)
    expect(secondsAt(after, 100)).toBeCloseTo(secondsAt(before, 200), 6)
    expect(secondsAt(after, 900)).toBeCloseTo(secondsAt(before, 600), 6)
  })

  test('what is in sight already moves nothing', () => {
    const shown = view(100, 200)
    expect(showing(shown, span(120, 130), WHOLE)).toBe(shown)
  })

  test('what is out of sight is brought in whole, at the same zoom', () => {
    for (const wanted of [span(500, 510), span(20, 25), span(195, 260)]) {
      const after = showing(view(100, 200), wanted, WHOLE)
      expect(after.start).toBeLessThanOrEqual(wanted.start)
      expect(after.end).toBeGreaterThanOrEqual(wanted.end)
      expect(lengthOf(after)).toBeCloseTo(100, 6)
    }
  })

  test('a span longer than the view widens it', () => {
    const after = showing(view(100, 200), span(1000, 2000), WHOLE)
    expect(after.start).toBeLessThan(1000)
    expect(after.end).toBeGreaterThan(2000)
  })

  test('the view turns a page when the playhead leaves it, and not before', () => {
    const shown = view(100, 200)
    expect(following(shown, 150, WHOLE)).toBe(shown)
    const after = following(shown, 200.1, WHOLE)
    expect(after.start).toBeGreaterThan(100)
    expect(after.start).toBeLessThan(200.1)
    expect(lengthOf(after)).toBeCloseTo(100, 6)
  })

  test('a view fitted to an event holds it with a margin', () => {
    const after = fitted(span(1000, 1010), WHOLE, 1000)
    expect(after.start).toBeLessThan(1000)
    expect(after.end).toBeGreaterThan(1010)
    expect(lengthOf(after)).toBeLessThan(20)
  })

  test('a media without length still has a view', () => {
    expect(lengthOf(wholeView(span(0, 0), 500))).toBeGreaterThan(0)
    expect(zoomed(wholeView(span(0, 0), 500), 2, 0, span(0, 0)).start).toBe(0)
  })
})

describe('ticks', () => {
  const majors = (shown: View, apart = 80, rate: number | null = null) =>
    ticksOf(shown, apart, rate)
      .ticks.filter(({ isMajor }) => isMajor)
      .map(({ at }) => at)

  test('two hours are labelled every fifteen minutes', () => {
    expect(majors(view(0, 7200), 92)).toEqual([0, 900, 1800, 2700, 3600, 4500, 5400, 6300, 7200])
  })

  test('labels are never nearer than asked, and there are always some', () => {
    for (const length of [0.05, 0.3, 1, 7, 33, 61, 500, 3599, 7200, 100_000]) {
      const { step, ticks } = ticksOf(view(3, 3 + length), 90)
      expect((step / length) * 1000).toBeGreaterThanOrEqual(90 - 1e-6)
      expect(ticks.length).toBeGreaterThan(0)
      expect(ticks.length).toBeLessThan(120)
    }
  })

  test('every tick is in the view and in order', () => {
    const { ticks } = ticksOf(view(12.3, 45.6), 80)
    for (const { at } of ticks) {
      expect(at).toBeGreaterThanOrEqual(12.3)
      expect(at).toBeLessThanOrEqual(45.6)
    }
    expect(ticks.map(({ at }) => at)).toEqual(ticks.map(({ at }) => at).toSorted((a, b) => a - b))
  })

  test('below a second ticks stand at pictures, from the first one on', () => {
    const found = ticksOf(view(1.033, 1.433), 80, 30000 / 1001, 0.033)
    for (const { at } of found.ticks) {
      const number = ((at - 0.033) * 30000) / 1001
      expect(Math.abs(number - Math.round(number))).toBeLessThan(1e-6)
    }
  })

  test('steps of pictures divide a second', () => {
    expect(pictureSteps(25).map(([step]) => Math.round(step * 25))).toEqual([1, 5])
    expect(pictureSteps(24).map(([step]) => Math.round(step * 24))).toEqual([1, 2])
    expect(pictureSteps(50).map(([step]) => Math.round(step * 50))).toEqual([1, 2, 5, 10])
  })
})
