import type { Progress } from '@/state/changes'

export type Stage = 'starting' | 'hashing' | 'measuring' | 'judging' | 'fetch' | 'working'

/** How far a job is, in words and numbers a person can use. */
export interface Standing {
  readonly stage: Stage
  /** 0 to 1; null where the end is not known. */
  readonly share: number | null
  /** Media seconds a second; only while something is measured. */
  readonly speed: number | null
  readonly bytesPerSecond: number | null
  readonly doneBytes: number | null
  readonly leftSeconds: number | null
}

const KNOWN: readonly string[] = ['hashing', 'measuring', 'fetch']
const DONE = 0.9995

/** From what the server tells of a running job: `progress` of its row, or what was heard since. */
export function standing(told: Partial<Progress> | Readonly<Record<string, unknown>>): Standing {
  const read = (name: string) => amount((told as Record<string, unknown>)[name])
  const name = (told as Record<string, unknown>).stage
  const isBytes = name === 'fetch' || name === 'hashing'
  const done = name === 'fetch' ? read('done_bytes') : read('done_s')
  const total = name === 'fetch' ? read('total_bytes') : read('total_s')
  const share = done !== null && total ? Math.min(1, done / total) : null
  const stage = stageOf(name, share)
  return {
    stage,
    share: stage === 'judging' ? null : share,
    speed: stage === 'measuring' ? positive(read('speed')) : null,
    bytesPerSecond:
      name === 'fetch' ? positive(read('bytes_per_s')) : name === 'hashing' ? positive(read('speed')) : null,
    doneBytes: isBytes ? done : null,
    leftSeconds: stage === 'judging' ? null : read('left_s'),
  }
}

function stageOf(name: unknown, share: number | null): Stage {
  if (name === undefined || name === null || name === '') return 'starting'
  // All is measured, but the job goes on: it judges, writes the report and keeps both.
  if (name === 'measuring' && share !== null && share >= DONE) return 'judging'
  return KNOWN.includes(String(name)) ? (name as Stage) : 'working'
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}
