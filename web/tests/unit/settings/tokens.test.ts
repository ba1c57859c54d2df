import { expect, test } from 'vitest'
import { CHOICES, dayOf, daysLeft, endOf, standingOf } from '@/features/settings/expiry'
import { reachesFor, reachOf } from '@/features/settings/scopes'

const NOW = Date.parse('2026-11-21T12:00:00Z')

test('a token ends so many days after now, on a chosen day, or never', () => {
  expect(endOf('7', '', NOW)).toBe('2026-11-28T12:00:00.000Z')
  expect(endOf('365', '', NOW)).toBe('2027-11-21T12:00:00.000Z')
  expect(endOf('never', '', NOW)).toBeNull()
  expect(CHOICES.map((choice) => endOf(choice, '2027-01-01', NOW)).every((end) => end !== undefined)).toBe(true)
})

test('a chosen day counts to its last second, and one that has passed is none', () => {
  const end = endOf('day', '2026-11-21', NOW)
  expect(end === undefined || Date.parse(end as string) > NOW).toBe(true)
  expect(new Date(endOf('day', '2027-02-19', NOW) as string).getTime()).toBe(new Date('2027-02-19T23:59:59').getTime())
  expect(endOf('day', '2026-11-19', NOW)).toBeUndefined()
  expect(endOf('day', '', NOW)).toBeUndefined()
  expect(endOf('day', '2027-02-31', NOW)).not.toBe('2027-02-31T23:59:59.000Z')
})

test('what ends within a week says so', () => {
  expect(standingOf(null, NOW)).toBe('never')
  expect(standingOf('2026-11-21T11:59:59Z', NOW)).toBe('over')
  expect(standingOf('2026-11-28T11:59:59Z', NOW)).toBe('soon')
  expect(standingOf('2026-11-28T12:00:00Z', NOW)).toBe('later')
  expect(daysLeft('2026-11-24T12:00:00Z', NOW)).toBe(3)
  expect(daysLeft('2026-11-21T20:00:00Z', NOW)).toBe(0)
  expect(daysLeft('2026-11-01T00:00:00Z', NOW)).toBe(0)
})

test('a date field gets the day it is here', () => {
  const noon = new Date(2026, 10, 21, 12).getTime()
  expect(dayOf(noon)).toBe('2026-11-21')
  expect(dayOf(new Date(2026, 10, 21, 23, 59).getTime())).toBe('2026-11-21')
})

test('the furthest scope is how far a token reaches', () => {
  expect(reachOf(['read', 'write'])).toBe('write')
  expect(reachOf(['admin', 'read', 'write'])).toBe('admin')
  expect(reachOf([])).toBe('read')
})

test('a token gets no more than its maker has, and for one workspace nothing of the account', () => {
  expect(reachesFor(['read', 'write', 'admin'], false)).toEqual(['read', 'write', 'admin'])
  expect(reachesFor(['read', 'write', 'admin'], true)).toEqual(['read', 'write'])
  expect(reachesFor(['read'], false)).toEqual(['read'])
})
