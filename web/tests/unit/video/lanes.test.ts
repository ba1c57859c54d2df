import { describe, expect, test } from 'vitest'
import type { View } from '@/features/video/axis/view'
import { axisFor } from '@/features/video/lanes/axes'
import { keepLanes, keptLanes, moved } from '@/features/video/lanes/chosen'
import { type Curve, columnsFor, curveFrom, extremes, fill, valueAt } from '@/features/video/lanes/curve'
import { stillsOf } from '@/features/video/lanes/filmstrip'
import { hit, placesIn, rowsOf } from '@/features/video/lanes/found'
import { codeRange, defaultLanes, groupFor, groupsOf, signalsOf } from '@/features/video/lanes/groups'
import { eventRowAt, eventRowTop, heightOfAll, laidOut, laneAt } from '@/features/video/lanes/layout'
import { blended, drawArea, drawLine, heightOf, packed, Raster } from '@/features/video/lanes/raster'
import { limitOf, rulesOf } from '@/features/video/lanes/rules'
import { levelFor, POINTS, spanOf, Tiles, tilesOf } from '@/features/video/lanes/tiles'
import { valueText } from '@/features/video/lanes/values'
import { type Span, seconds } from '@/state/seconds'

const span = (start: number, end: number): Span => ({ start: seconds(start), end: seconds(end) })
const view = (start: number, end: number, width = 1000): View => ({ ...span(start, end), width })

function curve(
  times: number[],
  values: (number | null)[],
  more: { max?: (number | null)[]; rows?: number } = {},
): Curve {
  const { max = values, rows = times.length } = more
  return curveFrom({ name: 'a.b', unit: 'db', rows, time_s: times, min: values, max }, times.length)
}

describe('curves', () => {
  test('a value lasts until the next row, and the last one as long as usual', () => {
    const found = curve([0, 1, 2, 3], [5, 6, 7, 8])
    expect(valueAt(found, 1.99)).toEqual({ low: 6, high: 6 })
    expect(valueAt(found, 3.5)).toEqual({ low: 8, high: 8 })
    expect(valueAt(found, 4.5)).toBeNull()
    expect(valueAt(found, -0.1)).toBeNull()
  })

  test('what was not measured has no value', () => {
    const found = curve([0, 1, 2], [5, null, 7])
    expect(valueAt(found, 1.5)).toBeNull()
    expect(extremes(found)).toEqual({ low: 5, high: 7 })
    expect(extremes(curve([0, 1], [null, null]))).toBeNull()
  })

  test('a long stretch without rows is a gap', () => {
    const found = curve([0, 1, 2, 3, 60, 61], [1, 1, 1, 1, 1, 1])
    expect(valueAt(found, 3.5)).not.toBeNull()
    expect(valueAt(found, 30)).toBeNull()
    const columns = columnsFor(61)
    fill(columns, found, { start: 0, perColumn: 1 }, 0, 61, true)
    expect(columns.low[3]).toBe(1)
    expect(columns.low[30]).toBeNaN()
    expect(columns.low[60]).toBe(1)
  })

  test('no peak is lost, however many rows share a column', () => {
    const count = 10_000
    const times = Array.from({ length: count }, (_, i) => i / 100)
    const values = times.map((_, i) => (i === 7777 ? 99 : i === 3333 ? -99 : Math.sin(i)))
    const columns = columnsFor(50)
    fill(columns, curve(times, values), { start: 0, perColumn: 2 }, 0, 50, true)
    expect(Math.max(...columns.high)).toBe(99)
    expect(Math.min(...columns.low)).toBe(-99)
    expect(columns.high.indexOf(99)).toBe(38)
    expect(columns.low.indexOf(-99)).toBe(16)
  })

  test('least and greatest are those of the rows in each column', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    const columns = columnsFor(4)
    fill(columns, curve([0, 1, 2, 3, 4, 5, 6, 7], values), { start: 0, perColumn: 2 }, 0, 4, false)
    expect([...columns.low]).toEqual([1, 1, 5, 2])
    expect([...columns.high]).toEqual([3, 4, 9, 6])
  })

  test('close up, values that follow each other are joined and steps are not', () => {
    const found = curve([0, 1, 2], [0, 10, 10])
    const [joined, stepped] = [columnsFor(10), columnsFor(10)]
    fill(joined, found, { start: 0, perColumn: 0.1 }, 0, 10, true)
    fill(stepped, found, { start: 0, perColumn: 0.1 }, 0, 10, false)
    expect(joined.low[5]).toBeCloseTo(5, 5)
    expect(joined.high[5]).toBeCloseTo(6, 5)
    expect(stepped.low[5]).toBe(0)
    expect(stepped.high[9]).toBe(0)
  })

  test('a part is filled as the same part of the whole', () => {
    const times = Array.from({ length: 300 }, (_, i) => i / 10)
    const found = curve(
      times,
      times.map((at) => Math.sin(at)),
    )
    const [whole, part] = [columnsFor(100), columnsFor(100)]
    fill(whole, found, { start: 2, perColumn: 0.13 }, 0, 100, true)
    fill(part, found, { start: 2, perColumn: 0.13 }, 40, 60, true)
    expect([...part.low.slice(40, 60)]).toEqual([...whole.low.slice(40, 60)])
    expect(part.low[39]).toBeNaN()
  })
})

describe('pieces of curves', () => {
  const WHOLE = span(0, 7200)

  test('the overview is enough while it has a point for each pixel', () => {
    expect(levelFor(view(0, 7200), WHOLE, 1000)).toBe(0)
    expect(levelFor(view(0, 3600), WHOLE, 1000)).toBe(0)
    expect(levelFor(view(0, 900), WHOLE, 1000)).toBe(2)
    expect(levelFor(view(0, 900), WHOLE, 2000)).toBe(3)
    expect(levelFor(view(0, 0.05), WHOLE, 1000)).toBeLessThanOrEqual(13)
  })

  test('tiles cover the view without a gap', () => {
    for (const shown of [view(100, 300), view(0, 7200), view(7100, 7200), view(1800, 3600)]) {
      for (const level of [0, 3, 6]) {
        const spans = tilesOf(shown, level, WHOLE).map((tile) => spanOf(tile, WHOLE))
        expect(spans[0]?.start).toBeLessThanOrEqual(shown.start)
        expect(spans.at(-1)?.end).toBeGreaterThanOrEqual(shown.end)
        spans.slice(1).forEach((one, i) => {
          expect(one.start).toBe(spans[i]?.end)
        })
      }
    }
  })

  test('what has not come yet is drawn from what it is a part of', () => {
    const tiles = new Tiles(WHOLE)
    const [rough, fine] = [curve([0, 1], [0, 0], { rows: 9e5 }), curve([0, 1], [1, 1], { rows: 9e5 })]
    tiles.put('a.b', { level: 0, index: 0 }, rough)
    tiles.put('a.b', { level: 3, index: 2 }, fine)
    const pieces = tiles.pieces('a.b', span(900, 3600), 3)
    expect(pieces.map((piece) => [piece.curve, piece.span.start, piece.span.end])).toEqual([
      [rough, 900, 1800], [fine, 1800, 2700], [rough, 2700, 3600],
    ]) // biome-ignore format: a table
  })

  test('neighbouring parts of one curve are one piece', () => {
    const tiles = new Tiles(WHOLE)
    tiles.put('a.b', { level: 0, index: 0 }, curve([0], [0], { rows: 9e5 }))
    expect(tiles.pieces('a.b', WHOLE, 5)).toHaveLength(1)
    expect(tiles.pieces('other', WHOLE, 5)).toHaveLength(0)
  })

  test('nothing closer is asked for where every row is known', () => {
    const tiles = new Tiles(WHOLE)
    const deep = { level: 5, index: 7 }
    expect(tiles.isMissing('a.b', deep)).toBe(true)
    tiles.put('a.b', { level: 0, index: 0 }, curve([0, 1], [0, 0], { rows: POINTS * 99 }))
    expect(tiles.isMissing('a.b', deep)).toBe(true)
    tiles.put('a.b', { level: 2, index: 0 }, curve([0, 1], [0, 0]))
    expect(tiles.isMissing('a.b', deep)).toBe(false)
  })

  test('the oldest pieces are forgotten, the overview never', () => {
    const tiles = new Tiles(WHOLE, 2)
    tiles.put('a.b', { level: 0, index: 0 }, curve([0], [0], { rows: 99 }))
    for (let index = 0; index < 5; index++) tiles.put('a.b', { level: 3, index }, curve([0], [index], { rows: 99 }))
    expect(tiles.get('a.b', { level: 3, index: 0 })).toBeUndefined()
    expect(tiles.get('a.b', { level: 3, index: 4 })).toBeDefined()
    expect(tiles.get('a.b', { level: 0, index: 0 })).toBeDefined()
  })
})

describe('events', () => {
  const event = (kind: string, start_s: number, end_s: number, severity = 'warning') =>
    ({ kind, start_s, end_s, severity }) as never
  const events = [
    event('black', 10, 12, 'info'), event('black', 11, 11.5, 'error'), event('freeze', 5, 60), event('click', 30, 30),
    event('freeze', 61, 62),
  ] // biome-ignore format: a list
  const rows = rowsOf(events)

  test('stand in rows of their kind, the gravest first', () => {
    expect(rows.map(({ kind, worst }) => [kind, worst])).toEqual([['black', 2], ['freeze', 1], ['click', 1]])
  }) // biome-ignore format: a table

  test('those that touch a span are found, also one that began long before', () => {
    const freeze = rows[1] as (typeof rows)[number]
    expect(placesIn(freeze, span(50, 55))).toEqual([0, 1])
    expect(placesIn(freeze, span(60, 60.5))).toEqual([1, 1])
    expect(placesIn(freeze, span(0, 100))).toEqual([0, 2])
    const click = rows[2] as (typeof rows)[number]
    expect(placesIn(click, span(30, 31))).toEqual([0, 1])
  })

  test('a press finds the shortest under it, else the nearest', () => {
    const black = rows[0] as (typeof rows)[number]
    expect(hit(black, 11.2, 0.1)).toBe(1)
    expect(hit(black, 10.5, 0.1)).toBe(0)
    expect(hit(black, 12.05, 0.1)).toBe(0)
    expect(hit(black, 12.5, 0.1)).toBeNull()
    expect(hit(rows[2] as (typeof rows)[number], 30.04, 0.1)).toBe(3)
  })

  test('thousands are found as quickly as few', () => {
    const many = rowsOf(Array.from({ length: 20_000 }, (_, i) => event('black', i * 0.36, i * 0.36 + 0.1)))
    const row = many[0] as (typeof rows)[number]
    const began = performance.now()
    for (let at = 0; at < 7200; at += 1) hit(row, at, 0.05)
    expect(performance.now() - began).toBeLessThan(500)
  })
})

describe('which lanes there are', () => {
  const signal = (name: string, unit: string, rows = 10) =>
    ({ name, unit, rows, meter: name.split('.')[0] as string, label: {}, range: null }) as never
  const SIGNALS = [
    signal('loudness.momentary', 'lufs'), signal('loudness.short_term', 'lufs'), signal('true_peak.peak_0', 'dbtp'),
    signal('true_peak.peak_1', 'dbtp'), signal('levels.y_min', 'code'), signal('levels.y_max', 'code'),
    signal('levels.y_mean', 'code'), signal('faults.stream', 'class', 0), signal('pictures.key', 'flag'),
  ] // biome-ignore format: a list
  const groups = groupsOf(SIGNALS)

  test('those of which something was measured', () => {
    expect(groups.map(({ id }) => id)).toEqual(['loudness', 'true_peak', 'luma'])
    expect(groups[1]?.curves.map(({ signal }) => signal)).toEqual(['true_peak.peak_0', 'true_peak.peak_1'])
    expect(signalsOf(groups[2] as (typeof groups)[number])).toEqual(['levels.y_min', 'levels.y_max', 'levels.y_mean'])
  })

  test('each desk begins with its own, as far as they are there', () => {
    const offer = { hasPictures: true, hasWords: false, groups }
    expect(defaultLanes({ desk: 'qc', ...offer })).toEqual([
      'shots',
      'events',
      'group:loudness',
      'group:true_peak',
      'group:luma',
    ])
    expect(defaultLanes({ desk: 'interview', ...offer })).toEqual(['events', 'group:loudness', 'shots'])
    expect(defaultLanes({ desk: 'qc', hasPictures: false, hasWords: true, groups: [] })).toEqual(['events', 'words'])
  })

  test('any signal can have a lane, and what is gone has none', () => {
    expect(groupFor('signal:pictures.key', SIGNALS, groups)).toMatchObject({ range: [0, 1], isStepped: true })
    expect(groupFor('signal:faults.stream', SIGNALS, groups)).toBeNull()
    expect(groupFor('group:gaze', SIGNALS, groups)).toBeNull()
    expect(groupFor('shots', SIGNALS, groups)).toBeNull()
  })

  test('are kept by desk, and nonsense in the browser is no trouble', () => {
    const kept = new Map<string, string>()
    const keep = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    }
    keepLanes('qc', ['shots', 'events'], keep)
    expect(keptLanes('qc', keep)).toEqual(['shots', 'events'])
    expect(keptLanes('interview', keep)).toBeNull()
    keepLanes('qc', null, keep)
    expect(keptLanes('qc', keep)).toBeNull()
    kept.set('sightline.lanes.qc', '{broken')
    expect(keptLanes('qc', keep)).toBeNull()
    kept.set('sightline.lanes.qc', '["a","a",3]')
    expect(keptLanes('qc', keep)).toEqual(['a'])
  })

  test('are put in another order', () => {
    expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b'])
    expect(moved(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b'], 'b', 9)).toEqual(['a', 'b'])
    expect(moved(['a', 'b'], 'a', -1)).toEqual(['a', 'b'])
  })

  test('lie beneath each other, and a place is in one of them', () => {
    const lanes = laidOut(
      [
        { id: 'shots', group: null },
        { id: 'events', group: null },
        { id: 'group:loudness', group: groups[0] ?? null },
      ],
      3,
    )
    expect(lanes.map(({ kind }) => kind)).toEqual(['shots', 'events', 'curves'])
    expect(lanes[1]?.top).toBe(lanes[0]?.height)
    expect(heightOfAll(lanes)).toBe(lanes.reduce((sum, { height }) => sum + height, 0))
    expect(laneAt(lanes, 0)?.id).toBe('shots')
    expect(laneAt(lanes, heightOfAll(lanes))).toBeNull()
    const events = lanes[1] as (typeof lanes)[number]
    expect(eventRowAt(events, eventRowTop(events, 2) + 3, 3)).toBe(2)
    expect(eventRowAt(events, events.top + 1, 3)).toBe(-1)
  })

  test('axes hold what was measured', () => {
    expect(axisFor({ unit: 'lufs', range: [-60, 0] }, -99, 3)).toEqual({ low: -60, high: 0 })
    expect(axisFor({ unit: 'deg', range: [-35, 35] }, -50, 12)).toEqual({ low: -65, high: 65 })
    expect(axisFor({ unit: 'code', range: null }, 16, 235)).toEqual({ low: 0, high: 255 })
    expect(axisFor({ unit: 'code', range: null }, 64, 940)).toEqual({ low: 0, high: 1023 })
    expect(axisFor({ unit: 'bytes', range: null }, 0, 0)).toEqual({ low: 0, high: 1 })
    const free = axisFor({ unit: 'db', range: null }, -3, 7)
    expect(free.low).toBeLessThan(-3)
    expect(free.high).toBeGreaterThan(7)
    expect(codeRange(4000)).toEqual([0, 4095])
  })

  test('thresholds of checks are drawn where they are one number', () => {
    expect(limitOf('<= -1')).toBe(-1)
    expect(limitOf('< 2 s')).toBeNull()
    expect(limitOf('-1 .. +1 frames')).toBeNull()
    expect(limitOf(null)).toBeNull()
    const lanes = [{ id: 'group:true_peak', group: groups[1] ?? null }]
    const rules = rulesOf(lanes, { checks: [{ id: 'A3', threshold: '<= -2', unit: 'dbtp' }] })
    expect(rules.get('group:true_peak')).toContainEqual({ value: -2, isLimit: true })
    expect(
      rulesOf(lanes, null)
        .get('group:true_peak')
        ?.some(({ isLimit }) => isLimit),
    ).toBe(false)
  })
})

describe('the film strip', () => {
  const shots = Array.from({ length: 100 }, (_, i) => ({
    start_s: i * 10, end_s: i * 10 + 10, start: '', end: '', start_frame: null, end_frame: null, ends_with: 'cut' as const,
  })) // biome-ignore format: one line
  const times = Array.from({ length: 500 }, (_, i) => i * 2 + 0.5)

  test('every shot that has room shows a picture of its own', () => {
    const found = stillsOf(shots, times, view(0, 100, 1000), 100)
    expect(found).toHaveLength(10)
    for (const { item, left } of found) {
      const shot = Math.round(left / 100)
      expect(times[item]).toBeGreaterThanOrEqual(shot * 10)
      expect(times[item]).toBeLessThan(shot * 10 + 10)
    }
  })

  test('panning moves the same pictures', () => {
    const keyed = (start: number) =>
      new Map(
        stillsOf(shots, times, view(start, start + 500, 1000), 100).map(({ item, left }) => [item, start + left / 2]),
      )
    const [before, after] = [keyed(200), keyed(203)]
    for (const [item, at] of after) if (before.has(item)) expect(at).toBeCloseTo(before.get(item) as number, 6)
    expect([...after.keys()].filter((item) => before.has(item)).length).toBeGreaterThan(15)
  })

  test('pictures never overlap and a long shot has several', () => {
    const found = stillsOf(shots, times, view(0, 20, 1000), 100)
    expect(found.length).toBe(10)
    found.slice(1).forEach((one, i) => {
      const before = found[i] as (typeof found)[number]
      expect(one.left).toBeGreaterThanOrEqual(before.left + before.width - 1e-6)
    })
    expect(new Set(found.map(({ item }) => item)).size).toBe(10)
  })

  test('without pictures there are none', () => {
    expect(stillsOf(shots, [], view(0, 100), 100)).toEqual([])
  })
})

describe('the raster', () => {
  const [WHITE, BLACK] = [packed(255, 255, 255), packed(0, 0, 0)]
  const make = (width: number, height: number) =>
    new Raster(width, height, (w, h) => ({ width: w, height: h, data: new Uint8ClampedArray(w * h * 4) }) as ImageData)

  test('colours lie in memory as a canvas reads them', () => {
    const raster = make(1, 1)
    raster.clear(packed(10, 20, 30))
    expect([...raster.image.data]).toEqual([10, 20, 30, 255])
    expect(blended(BLACK, WHITE, 256) >>> 0).toBe(0xffffffff)
    expect(blended(BLACK, WHITE, 0) >>> 0).toBe(0xff000000)
    expect(blended(BLACK, WHITE, 128) & 255).toBe(127)
  })

  test('nothing is written outside', () => {
    const raster = make(4, 4)
    raster.clear(WHITE)
    raster.rect(-5, -5, 99, 2, BLACK)
    raster.column(3, -10, 99, 0, 4, BLACK, 256)
    expect(raster.pixel(0, 1)).toBe(BLACK)
    expect(raster.pixel(0, 2)).toBe(WHITE)
    expect(raster.pixel(3, 3)).toBe(BLACK)
  })

  test('a fraction of a pixel is a fainter one', () => {
    const raster = make(1, 4)
    raster.clear(WHITE)
    raster.column(0, 1.5, 3, 0, 4, BLACK, 256)
    expect(raster.pixel(0, 0)).toBe(WHITE)
    expect(raster.pixel(0, 1) & 255).toBeGreaterThan(100)
    expect(raster.pixel(0, 1) & 255).toBeLessThan(150)
    expect(raster.pixel(0, 2)).toBe(BLACK)
  })

  test('a line has no hole where it jumps, and stays in its lane', () => {
    const raster = make(2, 20)
    raster.clear(WHITE)
    const columns = { low: Float32Array.from([0, 10]), high: Float32Array.from([0, 10]) }
    const frame = { top: 4, bottom: 16, low: 0, high: 10, clip: [4, 16] as const }
    drawLine(raster, columns, frame, BLACK, 1)
    for (let y = 5; y < 15; y++) expect(raster.pixel(1, y)).toBe(BLACK)
    for (const y of [0, 1, 2, 3, 16, 17]) expect(raster.pixel(1, y)).toBe(WHITE)
    expect(heightOf(frame, 99)).toBe(4)
  })

  test('what was not measured is not drawn', () => {
    const raster = make(2, 10)
    raster.clear(WHITE)
    const columns = { low: Float32Array.from([Number.NaN, 5]), high: Float32Array.from([Number.NaN, 5]) }
    const frame = { top: 0, bottom: 10, low: 0, high: 10, clip: [0, 10] as const }
    drawArea(raster, columns, frame, BLACK, 256)
    expect(raster.pixel(0, 9)).toBe(WHITE)
    expect(raster.pixel(1, 9)).toBe(BLACK)
    expect(raster.pixel(1, 2)).toBe(WHITE)
  })
})

describe('values', () => {
  test('are written with a unit and as many digits as say something', () => {
    expect(valueText({ low: -23.04, high: -23.04 }, 'lufs', 'LUFS', 'en')).toBe('−23 LUFS')
    expect(valueText({ low: 0.1234, high: 0.1234 }, 'share', '%', 'en')).toBe('12.3 %')
    expect(valueText({ low: 16, high: 235 }, 'code', '', 'en')).toBe('16 … 235')
    expect(valueText(null, 'code', '', 'ko')).toBe('–')
  })
})
