import { expect, test, vi } from 'vitest'
import { Problem } from '@/api/client'
import { analyseAll, inPieces } from '@/features/library/bulk'

// The client asks where the page is.
vi.hoisted(() => vi.stubGlobal('window', { location: { origin: 'http://sightline.test' } }))

const WISH = { desk: 'qc', template: 'default', options: {} } as const

test('many are cut into what the server takes at once', () => {
  expect(inPieces([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(inPieces([], 2)).toEqual([])
})

test('one that cannot be analysed does not keep the others back', async () => {
  const batch = vi.fn(async () => {
    throw new Problem(404, 'library.missing', 'gone')
  })
  const alone = vi.fn(async (id: string) => {
    if (id === 'b') throw new Problem(404, 'library.missing', 'It is gone.')
  })
  const outcome = await analyseAll(['a', 'b', 'c'], WISH, batch, alone)
  expect(outcome.done).toEqual(['a', 'c'])
  expect(outcome.failed).toEqual([{ id: 'b', message: 'It is gone.' }])
})

test('a server that cannot be reached is not asked for each alone', async () => {
  const alone = vi.fn(async () => {})
  const unreachable = async () => {
    throw new Problem(0, 'unreachable', 'nobody there')
  }
  const outcome = await analyseAll(['a', 'b'], WISH, unreachable, alone)
  expect(alone).not.toHaveBeenCalled()
  expect(outcome.failed.map(({ id }) => id)).toEqual(['a', 'b'])
})

test('a batch that is taken is asked for once', async () => {
  const batch = vi.fn(async () => {})
  const ids = Array.from({ length: 250 }, (_, index) => String(index))
  const outcome = await analyseAll(ids, WISH, batch, async () => {})
  expect(batch).toHaveBeenCalledTimes(2)
  expect(outcome.done).toEqual(ids)
})
