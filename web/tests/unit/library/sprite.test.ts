import { expect, test } from 'vitest'
import { backgroundOf, type Sprite, tileAfter, tileAt } from '@/features/library/sprite'

const sprite: Sprite = {
  tile_width: 160,
  tile_height: 90,
  columns: 10,
  rows: 3,
  times_s: Array.from({ length: 25 }, (_, index) => index * 2),
}

test('the width of a thumbnail is the length of the video', () => {
  expect(tileAt(0, 250, sprite)).toBe(0)
  expect(tileAt(9.9, 250, sprite)).toBe(0)
  expect(tileAt(10, 250, sprite)).toBe(1)
  expect(tileAt(125, 250, sprite)).toBe(12)
  expect(tileAt(249.9, 250, sprite)).toBe(24)
})

test('beside the thumbnail are its first and last pictures', () => {
  expect(tileAt(-30, 250, sprite)).toBe(0)
  expect(tileAt(400, 250, sprite)).toBe(24)
  expect(tileAt(10, 0, sprite)).toBe(0)
  expect(tileAt(10, 250, { ...sprite, times_s: [] })).toBe(0)
})

test('keys go through the pictures and stop at the ends', () => {
  expect(tileAfter(3, 'ArrowRight', sprite)).toBe(4)
  expect(tileAfter(0, 'ArrowLeft', sprite)).toBe(0)
  expect(tileAfter(24, 'ArrowRight', sprite)).toBe(24)
  expect(tileAfter(10, 'PageUp', sprite)).toBe(12)
  expect(tileAfter(10, 'Home', sprite)).toBe(0)
  expect(tileAfter(10, 'End', sprite)).toBe(24)
  expect(tileAfter(10, 'x', sprite)).toBeNull()
})

test('one picture of the sheet fills the box', () => {
  expect(backgroundOf(0, sprite)).toEqual({ backgroundSize: '1000% 300%', backgroundPosition: '0% 0%' })
  expect(backgroundOf(19, sprite)).toEqual({ backgroundSize: '1000% 300%', backgroundPosition: '100% 50%' })
  const single = { ...sprite, columns: 1, rows: 1, times_s: [0] }
  expect(backgroundOf(0, single)).toEqual({ backgroundSize: '100% 100%', backgroundPosition: '0% 0%' })
})
