import { expect, test } from 'vitest'
import { ELSE, FREE, sharesOf, tone, used } from '@/features/system/storage'

const item = (name: string, bytes: number | null) => ({ name, bytes, files: null })

test('shares of a disk: ours by size, what others have, what is free', () => {
  const shares = sharesOf([item('cache', 10), item('media', 40), item('models', null), item('work', 0)], {
    total_bytes: 100,
    free_bytes: 20,
  })
  expect(shares.map((share) => share.name)).toEqual(['media', 'cache', ELSE, FREE])
  expect(shares.map((share) => share.share)).toEqual([0.4, 0.1, 0.3, 0.2])
})

test('what is kept in an object store may be more than the disk: shares still add up', () => {
  const shares = sharesOf([item('media', 900)], { total_bytes: 100, free_bytes: 50 })
  expect(shares.map((share) => share.name)).toEqual(['media', FREE])
  expect(shares.reduce((sum, share) => sum + share.share, 0)).toBeCloseTo(1)
})

test('nothing known of a disk gives no shares', () => {
  expect(sharesOf([], { total_bytes: 0, free_bytes: 0 })).toEqual([])
})

test('a budget of nothing is used up by the first cent, and no budget by nothing', () => {
  expect(used(1, 4)).toBe(0.25)
  expect(used(6, 4)).toBe(1.5)
  expect(used(0, 0)).toBe(0)
  expect(used(0.01, 0)).toBe(1)
  expect(used(5, null)).toBeNull()
})

test('a level is near its limit from nine tenths on', () => {
  expect(tone(71, 80)).toBe('pass')
  expect(tone(72, 80)).toBe('warn')
  expect(tone(80, 80)).toBe('fail')
  expect(tone(null, 80)).toBe('pass')
})
