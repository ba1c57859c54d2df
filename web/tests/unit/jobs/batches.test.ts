import { expect, test } from 'vitest'
import { adviceFor } from '@/features/jobs/advice'
import { batchesOf, inTurn, isOver, type Job, tally } from '@/features/jobs/batches'
import { doToAll, priorityAfter, type Target } from '@/features/jobs/doing'

const job = (id: string, at_s: number, part: Partial<Job> = {}): Job =>
  ({
    id,
    kind: 'analysis',
    desk: 'qc',
    created_by: 'mina',
    state: 'queued',
    priority: 0,
    created_at: new Date(at_s * 1000).toISOString(),
    ...part,
  }) as Job

const ids = (jobs: readonly Pick<Job, 'id'>[]) => jobs.map(({ id }) => id)

test('what one person asked for within moments belongs together, the latest first', () => {
  const found = batchesOf([job('f', 60.5), job('e', 60.2), job('d', 60), job('c', 11), job('b', 10.5), job('a', 10)])
  expect(found.map(({ jobs }) => ids(jobs))).toEqual([
    ['d', 'e', 'f'],
    ['a', 'b', 'c'],
  ])
})

test('two are no batch, nor what different people, desks or kinds asked for', () => {
  expect(batchesOf([job('a', 1), job('b', 1)])).toEqual([])
  expect(batchesOf([job('a', 1), job('b', 1), job('c', 1, { created_by: 'jun' })])).toEqual([])
  expect(batchesOf([job('a', 1), job('b', 1), job('c', 1, { desk: 'interview' })])).toEqual([])
})

test('two batches that are queued at the same time are kept apart', () => {
  const both = [1, 2, 3].flatMap((at) => [job(`q${at}`, at), job(`i${at}`, at, { desk: 'interview' })])
  expect(batchesOf(both).map(({ desk, jobs }) => [desk, jobs.length])).toEqual([
    ['interview', 3],
    ['qc', 3],
  ])
})

test('a batch is over when nothing of it runs or waits', () => {
  const states = ['done', 'failed', 'failed', 'cancelled', 'running', 'queued']
  const counts = tally(states.map((state) => ({ state })))
  expect(counts).toEqual({ done: 1, failed: 2, cancelled: 1, running: 1, queued: 1 })
  expect(isOver(counts)).toBe(false)
  expect(isOver(tally([{ state: 'done' }, { state: 'failed' }]))).toBe(true)
})

test('jobs stand in the order they run: running, then by priority, then by age', () => {
  const jobs = [
    job('late', 9),
    job('early', 1),
    job('urgent', 8, { priority: 3 }),
    job('idle', 0, { priority: -1 }),
    job('running', 5, { state: 'running' }),
  ]
  expect(ids(inTurn(jobs))).toEqual(['running', 'urgent', 'early', 'late', 'idle'])
})

test('a priority moves by one, within what the server takes', () => {
  expect(priorityAfter('up', 0)).toBe(1)
  expect(priorityAfter('up', 10)).toBe(10)
  expect(priorityAfter('down', -10)).toBe(-10)
})

test('one that is refused stops none of the others, and refusals are counted by what was said', async () => {
  const targets: Target[] = Array.from({ length: 11 }, (_, number) => ({ id: `j${number}` }))
  const told: number[] = []
  const act = async ({ id }: Target) => {
    if (id === 'j3' || id === 'j7') throw new Error('Is running.')
  }
  const { done, refusals } = await doToAll(act, targets, (count) => told.push(count))
  expect(done).toBe(9)
  expect([...refusals]).toEqual([['Is running.', 2]])
  expect(told.at(-1)).toBe(9)
  expect(told).toHaveLength(11)
})

test('a server that is away ends it, instead of asking it for every job', async () => {
  let asked = 0
  const act = async () => {
    asked += 1
    throw Object.assign(new Error('away'), { isUnreachable: true })
  }
  const targets: Target[] = Array.from({ length: 100 }, (_, number) => ({ id: `j${number}` }))
  await expect(doToAll(act, targets, () => {})).rejects.toThrow('away')
  expect(asked).toBeLessThanOrEqual(4)
})

test('every kind of failure a job can end with has its advice', () => {
  for (const type of ['MediaUnreadable', 'AddressRefused', 'Unavailable', 'WeightsMissing', 'OutOfTime', 'Defect']) {
    expect(adviceFor(type)).not.toBeNull()
  }
  expect(adviceFor('SomethingNew')).toBeNull()
})
