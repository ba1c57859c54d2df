import { expect, test } from 'vitest'
import {
  cleared, dayAfter, dayOf, type Filter, filterOf, filterOfSaved, isSame, NO_FILTER, partsOf, queryOf, savedOf, searchOf,
  today, without,
} from '@/features/library/filter' // biome-ignore format: one list

const FULL: Filter = {
  q: '봄 interview',
  tags: ['봄', 'a,b'],
  desk: 'qc',
  verdict: 'fail',
  state: 'done',
  from: '2026-01-05',
  before: '2026-02-01',
  shortest: 60,
  longest: 600.5,
  minHeight: 720,
  maxHeight: 1079,
  order: 'duration_s',
  isAscending: true,
}

test('a plain library has a plain address', () => {
  expect(searchOf(NO_FILTER)).toEqual({})
  expect(filterOf({})).toEqual(NO_FILTER)
})

test('what the library is narrowed to survives the address', () => {
  expect(filterOf(searchOf(FULL))).toEqual(FULL)
  expect(searchOf(FULL, 'list').view).toBe('list')
})

test('what survives the address survives being saved as texts', () => {
  const kept = JSON.parse(JSON.stringify(savedOf(FULL))) as Record<string, string | string[]>
  expect(Object.values(kept).every((value) => typeof value === 'string' || Array.isArray(value))).toBe(true)
  expect(filterOfSaved(kept)).toEqual(FULL)
  expect(Object.keys(kept)).toEqual(expect.arrayContaining(['tag', 'shortest_s', 'min_height', 'descending']))
  expect(filterOfSaved({ tag: 'one' }).tags).toEqual(['one'])
  expect(isSame(FULL, filterOfSaved(kept))).toBe(true)
  expect(isSame(FULL, NO_FILTER)).toBe(false)
})

test('what an address says and cannot be is left out', () => {
  const told = filterOf({
    desk: 'kitchen', verdict: 'maybe', state: 'x', from: '2026-02-30', before: 'soon', shortest: -1,
    longest: Number.POSITIVE_INFINITY, order: 'colour', tags: [' a ', 'a', ''], q: 'x'.repeat(500),
  }) // biome-ignore format: one value
  expect(told).toEqual({ ...NO_FILTER, tags: ['a'], q: 'x'.repeat(200) })
})

test('the server is asked for local days as moments, and for nothing that is not set', () => {
  const asked = queryOf(FULL, 'w')
  expect(asked).toMatchObject({
    workspace_id: 'w', q: '봄 interview', tag: ['봄', 'a,b'], desk: 'qc', verdict: 'fail', state: 'done', shortest_s: 60,
    longest_s: 600.5, min_height: 720, max_height: 1079, order: 'duration_s', descending: false,
  }) // biome-ignore format: one value
  expect(asked.created_from).toBe(new Date(2026, 0, 5).toISOString())
  expect(asked.created_before).toBe(new Date(2026, 1, 1).toISOString())
  const plain = queryOf({ ...NO_FILTER, q: '  ' }, null)
  const set = Object.entries(plain).filter(([, value]) => value !== undefined)
  expect(Object.fromEntries(set)).toEqual({ order: 'created_at', descending: true })
})

test('each part can be taken off alone, until nothing is left', () => {
  const parts = partsOf(FULL)
  expect(parts).toEqual(['q', 'desk', 'verdict', 'state', 'tag:봄', 'tag:a,b', 'date', 'duration', 'height'])
  for (const part of parts) expect(partsOf(without(FULL, part))).toEqual(parts.filter((other) => other !== part))
  expect(parts.reduce(without, FULL)).toEqual(cleared(FULL))
  expect(cleared(FULL)).toEqual({ ...NO_FILTER, order: 'duration_s', isAscending: true })
})

test('days are days of the calendar', () => {
  expect(dayAfter('2026-02-28', 1)).toBe('2026-03-01')
  expect(dayAfter('2026-01-01', -1)).toBe('2025-12-31')
  expect(dayOf('2024-02-29')).toBe('2024-02-29')
  expect(dayOf('2026-2-1')).toBeNull()
  expect(today(new Date(2026, 0, 9, 23, 59))).toBe('2026-01-09')
})
