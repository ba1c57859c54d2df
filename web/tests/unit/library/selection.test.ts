import { expect, test } from 'vitest'
import { extended, freed, MOST_CHOSEN, moved, NOTHING, rangeTo, toggled } from '@/features/library/selection'

const video = (index: number) => ({ id: `v${index}`, name: `Video ${index}` })
const between = ([first, last]: readonly [number, number]) =>
  Array.from({ length: last - first + 1 }, (_, offset) => video(first + offset))
const ids = (selection: typeof NOTHING) => [...selection.chosen.keys()]

test('a video is chosen and let go again', () => {
  const once = toggled(NOTHING, video(3), 3)
  expect(ids(once)).toEqual(['v3'])
  expect(once.chosen.get('v3')).toBe('Video 3')
  expect(ids(toggled(once, video(3), 3))).toEqual([])
})

test('a range reaches from the last one chosen, in both directions', () => {
  const begun = toggled(NOTHING, video(5), 5)
  expect(rangeTo(begun, 8)).toEqual([5, 8])
  expect(rangeTo(begun, 2)).toEqual([2, 5])
  const down = extended(begun, between(rangeTo(begun, 7)), 7)
  expect(ids(down)).toEqual(['v5', 'v6', 'v7'])
  // The next range begins at the same place, not where this one ended.
  expect(rangeTo(down, 3)).toEqual([3, 5])
})

test('a range without a beginning is one video', () => {
  expect(rangeTo(NOTHING, 4)).toEqual([4, 4])
  expect(extended(NOTHING, [video(4)], 4).anchor).toBe(4)
})

test('no more are chosen than can be changed at once', () => {
  const all = extended(NOTHING, between([0, MOST_CHOSEN + 10]), 0)
  expect(all.chosen.size).toBe(MOST_CHOSEN)
  expect(toggled(all, video(MOST_CHOSEN + 5), 0).chosen.size).toBe(MOST_CHOSEN)
  expect(toggled(all, video(0), 0).chosen.size).toBe(MOST_CHOSEN - 1)
})

test('what is gone is not chosen any more', () => {
  const some = extended(toggled(NOTHING, video(0), 0), between([1, 3]), 3)
  expect(ids(freed(some, ['v1', 'v2', 'other']))).toEqual(['v0', 'v3'])
  expect(freed(some, ids(some)).anchor).toBeNull()
})

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 10, 10],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 1, 5],
  ['ArrowDown', 7, 10],
  ['ArrowDown', 9, 9],
  ['ArrowUp', 5, 1],
  ['ArrowUp', 2, 2],
  ['PageDown', 0, 8],
  ['PageDown', 3, 10],
  ['PageUp', 9, 1],
  ['PageUp', 6, 2],
  ['Home', 7, 0],
  ['End', 2, 10],
] as const)('%s leads from %i to %i among eleven in rows of four', (step, from, to) => {
  expect(moved(from, step, 11, 4, 2)).toBe(to)
})

test('in an empty list no key leads anywhere', () => {
  expect(moved(0, 'End', 0, 4, 2)).toBe(0)
})
