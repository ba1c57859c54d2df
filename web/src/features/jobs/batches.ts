import type { Schemas } from '@/api/client'

export type Job = Schemas['JobView']

/** Jobs that were asked for together. */
export interface Batch {
  readonly id: string
  readonly jobs: readonly Job[]
  readonly kind: string
  readonly desk: string | null
  readonly createdAt: string
}

export interface Tally {
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  readonly running: number
  readonly queued: number
}

const TOGETHER_MS = 2000
const LEAST = 3

/** Neighbours of one person, kind and desk that were queued within two seconds, three of them or more. */
export function batchesOf(jobs: readonly Job[]): readonly Batch[] {
  const inOrder = [...jobs].sort((a, b) => time(a) - time(b))
  const open = new Map<string, Job[]>()
  const found: Job[][] = []
  for (const job of inOrder) {
    const key = `${job.created_by} ${job.kind} ${job.desk}`
    const group = open.get(key)
    const last = group?.at(-1)
    if (group && last && time(job) - time(last) <= TOGETHER_MS) group.push(job)
    else {
      const begun = [job]
      open.set(key, begun)
      found.push(begun)
    }
  }
  return found
    .filter((group) => group.length >= LEAST)
    .map((group) => {
      const [first] = group as [Job, ...Job[]]
      return { id: first.id, jobs: group, kind: first.kind, desk: first.desk, createdAt: first.created_at }
    })
    .reverse()
}

export function tally(jobs: readonly Pick<Job, 'state'>[]): Tally {
  const count = (state: string) => jobs.filter((job) => job.state === state).length
  return {
    done: count('done'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    running: count('running'),
    queued: count('queued'),
  }
}

export function isOver(counts: Tally): boolean {
  return counts.running + counts.queued === 0
}

/** Running jobs first, then those that start next: the highest priority, the oldest. */
export function inTurn(jobs: readonly Job[]): readonly Job[] {
  const rank = (job: Job) => (job.state === 'running' ? 0 : 1)
  return [...jobs].sort((a, b) => rank(a) - rank(b) || b.priority - a.priority || time(a) - time(b))
}

function time(job: Job): number {
  return new Date(job.created_at).getTime()
}
