import { expect, test } from 'vitest'
import { ago, bytes, clock, lasting, number, percent } from '@/ui/format'

test('times have hours only where there are some', () => {
  expect(clock(0)).toBe('0:00')
  expect(clock(59.999, 3)).toBe('0:59.999')
  expect(clock(59.9996, 3)).toBe('1:00.000')
  expect(clock(3723.04, 2)).toBe('1:02:03.04')
  expect(clock(-1.5, 1)).toBe('-0:01.5')
  expect(clock(Number.NaN)).toBe('–')
})

test('sizes are told in the unit people would use', () => {
  expect(bytes(0, 'en')).toBe('0 B')
  expect(bytes(999, 'en')).toBe('999 B')
  expect(bytes(1000, 'en')).toBe('1 KB')
  expect(bytes(48_211_034, 'en')).toBe('48.2 MB')
  expect(bytes(null, 'en')).toBe('–')
})

test('what is no number is told as none', () => {
  expect(number(null, 'en')).toBe('–')
  expect(number(Number.NEGATIVE_INFINITY, 'en')).toBe('–')
  expect(number(1234.567, 'ko')).toBe('1,234.57')
  expect(percent(0.256, 'en')).toBe('26%')
  expect(percent(undefined, 'en')).toBe('–')
})

test('moments of this week are told from now', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  expect(ago('2026-11-21T11:57:00Z', 'en', now)).toBe('3 minutes ago')
  expect(ago('2026-11-20T11:00:00Z', 'en', now)).toBe('yesterday')
  expect(ago('2026-11-21T11:57:00Z', 'ko', now)).toBe('3분 전')
  expect(ago('2026-10-01T11:57:00Z', 'en', now)).toContain('2026')
})

test('how long something takes is told in two units at most', () => {
  expect(lasting(40, 'en')).toBe('40 sec')
  expect(lasting(125, 'en')).toBe('2 min 5 sec')
  expect(lasting(7500, 'en')).toBe('2 hr 5 min')
  expect(lasting(null, 'en')).toBe('–')
  expect(lasting(Number.POSITIVE_INFINITY, 'en')).toBe('–')
})
