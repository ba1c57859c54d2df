import { describe, expect, test } from 'vitest'
import { type Event, isBusy, type Kept, type Phase, type Queue, step, waitOf } from '@/features/uploads/queue'

const kept = (id: string, part: Partial<Kept> = {}): Kept => ({
  id,
  userId: 'me',
  workspaceId: 'w',
  name: `${id}.mp4`,
  size: 100,
  fingerprint: `100:1:${id}.mp4`,
  tags: [],
  analysis: null,
  addedAt: 0,
  address: null,
  sent: 0,
  ...part,
})
const played = (events: readonly Event[], from: Queue = []): Queue => events.reduce(step, from)
const phases = (queue: Queue): Phase[] => queue.map(({ phase }) => phase)
const one = (queue: Queue, id = 'a') => {
  const found = queue.find((upload) => upload.id === id)
  if (!found) throw new Error(`no upload ${id}`)
  return found
}
const added = (...ids: string[]): Event => ({ type: 'added', kept: ids.map((id) => kept(id)) })
const trouble = { code: 'unreachable', message: '' }
const away = (id: string, at = 0): Event => ({ type: 'unreachable', id, at, trouble })
const outcome = { videoId: 'v', analysisId: null, sameAs: null, trouble: null }

describe('the queue', () => {
  test('sends three at a time, the first added first', () => {
    const queue = played([added('a', 'b', 'c', 'd', 'e')])
    expect(phases(queue)).toEqual(['sending', 'sending', 'sending', 'waiting', 'waiting'])
    const next = step(queue, { type: 'arrived', id: 'b' })
    expect(phases(next)).toEqual(['sending', 'asking', 'sending', 'sending', 'waiting'])
  })

  test('one that pauses, fails, goes or loses the server makes room for the next', () => {
    for (const event of [
      { type: 'pause', id: 'a' },
      { type: 'refused', id: 'a', trouble, isOver: true },
      { type: 'remove', id: 'a' },
      { type: 'taken', id: 'a' },
      away('a'),
    ] satisfies Event[]) {
      const queue = played([added('a', 'b', 'c', 'd'), event])
      expect(one(queue, 'd').phase).toBe('sending')
    }
  })

  test('an upload goes from waiting to done', () => {
    let queue = played([added('a'), { type: 'addressed', id: 'a', address: '/u/1' }])
    queue = step(queue, { type: 'moved', id: 'a', sent: 60 })
    expect(one(queue)).toMatchObject({ phase: 'sending', sent: 60, address: '/u/1' })
    queue = step(queue, { type: 'arrived', id: 'a' })
    expect(one(queue)).toMatchObject({ phase: 'asking', sent: 100 })
    queue = step(queue, { type: 'settled', id: 'a', outcome })
    expect(one(queue)).toMatchObject({ phase: 'done', outcome })
    expect(step(queue, { type: 'clear' })).toEqual([])
  })

  test('clearing leaves what is unfinished', () => {
    const queue = played([
      added('a', 'b'),
      { type: 'arrived', id: 'a' },
      { type: 'settled', id: 'a', outcome },
      { type: 'clear' },
    ])
    expect(queue.map(({ id }) => id)).toEqual(['b'])
  })

  test('pausing all stops what is sent, waits or is away; going on with all starts them again', () => {
    const queue = played([added('a', 'b', 'c', 'd'), away('b'), { type: 'pauseAll' }])
    expect(phases(queue)).toEqual(['paused', 'paused', 'paused', 'paused'])
    expect(phases(step(queue, { type: 'resumeAll' }))).toEqual(['sending', 'sending', 'sending', 'waiting'])
  })

  test('what is heard of an upload after it was paused changes nothing', () => {
    const queue = played([added('a'), { type: 'moved', id: 'a', sent: 10 }, { type: 'pause', id: 'a' }])
    for (const late of [
      { type: 'moved', id: 'a', sent: 50 },
      { type: 'arrived', id: 'a' },
      away('a'),
    ] satisfies Event[]) {
      expect(one(step(queue, late))).toEqual(one(queue))
    }
  })

  test('a page that is left is warned about while bytes are on their way, and not when all is paused or done', () => {
    const queue = played([added('a')])
    expect(isBusy(queue)).toBe(true)
    expect(isBusy(step(queue, { type: 'pause', id: 'a' }))).toBe(false)
    expect(isBusy(step(queue, away('a')))).toBe(true)
    expect(
      isBusy(
        played(
          [
            { type: 'arrived', id: 'a' },
            { type: 'settled', id: 'a', outcome },
          ],
          queue,
        ),
      ),
    ).toBe(false)
  })
})

describe('a server that is away', () => {
  test('is waited for longer after every failure in a row, at most half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(waitOf)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  test('is tried again when it is due, not before', () => {
    const queue = played([added('a'), away('a', 5000)])
    expect(one(queue)).toMatchObject({ phase: 'away', tries: 1, retryAt: 6000 })
    expect(one(step(queue, { type: 'due', at: 5999 })).phase).toBe('away')
    const again = step(queue, { type: 'due', at: 6000 })
    expect(one(again)).toMatchObject({ phase: 'sending', tries: 1 })
    expect(one(step(again, away('a', 6000)))).toMatchObject({ tries: 2, retryAt: 8000 })
  })

  test('is tried at once when it is heard of, or when a person says so', () => {
    const queue = played([added('a'), away('a')])
    expect(one(step(queue, { type: 'reachable' })).phase).toBe('sending')
    expect(one(step(queue, { type: 'resume', id: 'a' })).phase).toBe('sending')
  })

  test('is forgiven once bytes go through, and only then', () => {
    const queue = played([added('a'), { type: 'moved', id: 'a', sent: 40 }, away('a'), { type: 'reachable' }])
    expect(one(step(queue, { type: 'moved', id: 'a', sent: 30 })).tries).toBe(1)
    expect(one(step(queue, { type: 'moved', id: 'a', sent: 50 })).tries).toBe(0)
  })

  test('while the outcome is asked for: asked again, nothing is sent twice', () => {
    const queue = played([added('a'), { type: 'arrived', id: 'a' }, away('a'), { type: 'reachable' }])
    expect(one(queue).phase).toBe('asking')
  })
})

describe('a refusal', () => {
  test('that is final makes the next try begin anew', () => {
    const queue = played([
      added('a'),
      { type: 'addressed', id: 'a', address: '/u/1' },
      { type: 'moved', id: 'a', sent: 50 },
      { type: 'refused', id: 'a', trouble, isOver: true },
    ])
    expect(one(queue)).toMatchObject({ phase: 'failed', address: null, sent: 0 })
    expect(one(step(queue, { type: 'resume', id: 'a' })).phase).toBe('sending')
  })

  test('that can be mended keeps what was sent', () => {
    const queue = played([
      added('a'),
      { type: 'addressed', id: 'a', address: '/u/1' },
      { type: 'moved', id: 'a', sent: 50 },
      { type: 'refused', id: 'a', trouble, isOver: false },
    ])
    expect(one(queue)).toMatchObject({ phase: 'failed', address: '/u/1', sent: 50 })
  })

  test('does not unmake what is done', () => {
    const queue = played([added('a'), { type: 'arrived', id: 'a' }, { type: 'settled', id: 'a', outcome }])
    expect(step(queue, { type: 'refused', id: 'a', trouble, isOver: true })).toEqual(queue)
  })
})

describe('uploads of an earlier visit', () => {
  const remembered = (ids: readonly string[], elsewhere: readonly string[] = []): Event => ({
    type: 'remembered',
    kept: ids.map((id) => kept(id, { address: '/u/1', sent: 40 })),
    elsewhere: new Set(elsewhere),
  })

  test('wait for their file, and go on where they stopped', () => {
    const queue = played([remembered(['a'])])
    expect(one(queue)).toMatchObject({ phase: 'fileless', sent: 40 })
    expect(isBusy(queue)).toBe(false)
    expect(one(step(queue, { type: 'given', id: 'a' }))).toMatchObject({ phase: 'sending', sent: 40, address: '/u/1' })
  })

  test('are there once, however often they are remembered', () => {
    expect(played([remembered(['a']), remembered(['a', 'b'])]).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('that another tab sends are left alone until it lets go', () => {
    const queue = played([remembered(['a'], ['a'])])
    expect(one(queue).phase).toBe('elsewhere')
    expect(one(step(queue, { type: 'given', id: 'a' })).phase).toBe('elsewhere')
    expect(one(step(queue, { type: 'freed', id: 'a' })).phase).toBe('fileless')
  })

  test('that the server has all of need no file any more', () => {
    const queue = played([remembered(['a']), { type: 'known', id: 'a', address: '/u/1', sent: 100, isHere: true }])
    expect(one(queue)).toMatchObject({ phase: 'asking', sent: 100 })
  })

  test('that the server has forgotten begin anew', () => {
    const queue = played([remembered(['a']), { type: 'known', id: 'a', address: null, sent: 0, isHere: false }])
    expect(one(queue)).toMatchObject({ phase: 'fileless', address: null, sent: 0 })
  })
})
