import { expect, test } from 'vitest'
import { columnsIn, farPages, PAGE, pagesFor, rangeOf } from '@/features/library/pages'

test('only the pages of the screen are needed, and the first', () => {
  expect(pagesFor({ first: 0, last: 20 }, 10_000)).toEqual([0])
  expect(pagesFor({ first: PAGE - 1, last: PAGE }, 10_000)).toEqual([0, 1])
  expect(pagesFor({ first: 5010, last: 5060 }, 10_000)).toEqual([0, 100, 101])
})

test('no page is asked for that there is not', () => {
  expect(pagesFor({ first: -20, last: 30 }, 10)).toEqual([0])
  expect(pagesFor({ first: 90, last: 200 }, 2 * PAGE)).toEqual([0, 1])
  expect(pagesFor({ first: 500, last: 600 }, null)).toEqual([0])
  expect(pagesFor({ first: 500, last: 600 }, 0)).toEqual([0])
})

test('memory holds the pages near the screen and lets the far ones go', () => {
  const kept = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  expect(farPages(kept, [0, 9], 10)).toEqual([])
  expect(farPages(kept, [0, 9], 7)).toEqual([1, 2, 3])
  expect(farPages(kept, [0], 8)).toEqual([9, 8])
})

test('pages that are shown never go', () => {
  expect(farPages([0, 50, 51], [0, 50, 51], 1)).toEqual([])
})

test('after scrolling through everything only so many are left', () => {
  let kept: number[] = []
  for (let page = 0; page < 200; page++) {
    const shown = [...new Set([0, page])]
    kept = [...new Set([...kept, ...shown])]
    const gone = farPages(kept, shown)
    kept = kept.filter((one) => !gone.includes(one))
    expect(kept.length).toBeLessThanOrEqual(12)
    expect(kept).toEqual(expect.arrayContaining(shown))
  }
  expect(kept).toContain(198)
})

test('rows of cards are ranges of videos', () => {
  expect(rangeOf(2, 4, 5)).toEqual({ first: 10, last: 24 })
  expect(rangeOf(7, 7, 1)).toEqual({ first: 7, last: 7 })
})

test('as many columns as fit, and one where none does', () => {
  expect(columnsIn(1000, 240, 14)).toBe(3)
  expect(columnsIn(1002, 240, 14)).toBe(4)
  expect(columnsIn(100, 240, 14)).toBe(1)
  expect(columnsIn(0, 240, 14)).toBe(1)
})
