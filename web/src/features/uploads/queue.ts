import type { AnalysisChoice } from './choice'

/**
 * The life of an upload in this browser. Pure: times and outcomes are handed in, what is to be done is read off the state.
 *
 * waiting ─► sending ─► asking ─► done        sending: bytes go; asking: the analysis is queued, the outcome looked up
 *   ▲  ▲        ├─► away (tried again at `retryAt`)
 *   │  │        └─► failed ─► waiting (by a person)
 *   │  └─ paused (by a person)
 *   └─ fileless: known from an earlier visit, its file has to be pointed at
 * elsewhere: another tab has it
 */
export type Phase = 'waiting' | 'sending' | 'away' | 'paused' | 'fileless' | 'elsewhere' | 'asking' | 'done' | 'failed'

export interface Trouble {
  readonly code: string
  /** In the words of the server, where it said any. */
  readonly message: string
}

export interface Outcome {
  readonly videoId: string
  readonly analysisId: string | null
  /** Its bytes were there before: this is the name they are there under. */
  readonly sameAs: string | null
  /** The video is there, its analysis could not be queued. */
  readonly trouble: Trouble | null
}

/** What of an upload is remembered when the browser is closed. */
export interface Kept {
  readonly id: string
  readonly userId: string
  readonly workspaceId: string
  readonly name: string
  readonly size: number
  readonly fingerprint: string
  readonly tags: readonly string[]
  readonly analysis: AnalysisChoice | null
  readonly addedAt: number
  /** Where the server takes it; null before it said so. */
  readonly address: string | null
  readonly sent: number
}

export interface Upload extends Kept {
  readonly phase: Phase
  /** All bytes are on the server: only the outcome is missing. */
  readonly hasArrived: boolean
  /** Failures in a row since bytes last went through. */
  readonly tries: number
  readonly retryAt: number | null
  readonly trouble: Trouble | null
  readonly outcome: Outcome | null
}

export type Queue = readonly Upload[]

export type Event =
  | { type: 'added'; kept: readonly Kept[] }
  | { type: 'remembered'; kept: readonly Kept[]; elsewhere: ReadonlySet<string> }
  | { type: 'addressed'; id: string; address: string }
  | { type: 'moved'; id: string; sent: number }
  | { type: 'arrived'; id: string }
  | { type: 'settled'; id: string; outcome: Outcome }
  | { type: 'unreachable'; id: string; at: number; trouble: Trouble }
  | { type: 'refused'; id: string; trouble: Trouble; isOver: boolean }
  | { type: 'known'; id: string; address: string | null; sent: number; isHere: boolean }
  | { type: 'due'; at: number }
  | { type: 'reachable' }
  | { type: 'pause' | 'resume' | 'remove' | 'taken' | 'freed' | 'given'; id: string }
  | { type: 'pauseAll' | 'resumeAll' | 'clear' }

export const MOST_SENDING = 3
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000
const BEGUN_ANEW = { address: null, sent: 0, hasArrived: false }

/** Doubled with every failure in a row: 1 s, 2 s, 4 s … 30 s. */
export function waitOf(tries: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries - 1))
}

export function isUnfinished(upload: Upload): boolean {
  return upload.phase !== 'done'
}

/** Whether closing the page would stop bytes on their way. */
export function isBusy(queue: Queue): boolean {
  return queue.some(({ phase }) => phase === 'waiting' || phase === 'sending' || phase === 'away' || phase === 'asking')
}

export function step(queue: Queue, event: Event): Queue {
  return promoted(moved(queue, event))
}

/** Lets the first that wait begin, as far as there is room. */
function promoted(queue: Queue): Queue {
  let room = MOST_SENDING - queue.filter(({ phase }) => phase === 'sending').length
  if (room <= 0 || !queue.some(({ phase }) => phase === 'waiting')) return queue
  return queue.map((upload) => {
    if (upload.phase !== 'waiting' || room <= 0) return upload
    room -= 1
    return { ...upload, phase: 'sending' as const }
  })
}

function moved(queue: Queue, event: Event): Queue {
  switch (event.type) {
    case 'added':
      return [...queue, ...event.kept.map((kept) => fresh(kept, 'waiting'))]
    case 'remembered': {
      const known = new Set(queue.map(({ id }) => id))
      const news = event.kept.filter(({ id }) => !known.has(id))
      return [...queue, ...news.map((kept) => fresh(kept, event.elsewhere.has(kept.id) ? 'elsewhere' : 'fileless'))]
    }
    case 'due':
      return queue.map((upload) =>
        upload.phase === 'away' && upload.retryAt !== null && upload.retryAt <= event.at ? again(upload) : upload,
      )
    case 'reachable':
      return queue.map((upload) => (upload.phase === 'away' ? again(upload) : upload))
    case 'pauseAll':
      return queue.map((upload) => changed(upload, { type: 'pause', id: upload.id }) ?? upload)
    case 'resumeAll':
      return queue.map((upload) => (upload.phase === 'paused' ? again(upload) : upload))
    case 'clear':
      return queue.filter(isUnfinished)
    case 'remove':
      return queue.filter(({ id }) => id !== event.id)
    default:
      return queue.map((upload) => (upload.id === event.id ? (changed(upload, event) ?? upload) : upload))
  }
}

type OfOne = Extract<Event, { id: string }>

/** What becomes of one upload; null: the event means nothing to it now. */
function changed(upload: Upload, event: OfOne): Upload | null {
  const { phase } = upload
  switch (event.type) {
    case 'addressed':
      return { ...upload, address: event.address }
    case 'moved':
      if (phase !== 'sending') return null
      return { ...upload, sent: event.sent, tries: event.sent > upload.sent ? 0 : upload.tries, trouble: null }
    case 'arrived':
      return phase === 'sending'
        ? { ...upload, phase: 'asking', hasArrived: true, sent: upload.size, trouble: null, tries: 0 }
        : null
    case 'settled':
      return phase === 'asking' ? { ...upload, phase: 'done', outcome: event.outcome, trouble: null } : null
    case 'unreachable': {
      if (phase !== 'sending' && phase !== 'asking') return null
      const tries = upload.tries + 1
      return { ...upload, phase: 'away', tries, retryAt: event.at + waitOf(tries), trouble: event.trouble }
    }
    case 'refused':
      if (phase === 'done') return null
      return { ...upload, phase: 'failed', trouble: event.trouble, ...(event.isOver ? BEGUN_ANEW : {}) }
    case 'known':
      if (phase !== 'fileless') return null
      return {
        ...upload,
        address: event.address,
        sent: event.sent,
        hasArrived: event.isHere,
        phase: event.isHere ? 'asking' : 'fileless',
      }
    case 'pause':
      return phase === 'sending' || phase === 'waiting' || phase === 'away'
        ? { ...upload, phase: 'paused', retryAt: null }
        : null
    case 'resume':
      return phase === 'paused' || phase === 'failed' || phase === 'away' ? again(upload) : null
    case 'given':
      return phase === 'fileless' || phase === 'failed' ? again(upload) : null
    case 'taken':
      return phase === 'done' ? null : { ...upload, phase: 'elsewhere', trouble: null, retryAt: null }
    case 'freed':
      return phase === 'elsewhere' ? { ...upload, phase: 'fileless' } : null
    default:
      return null
  }
}

function fresh(kept: Kept, phase: Phase): Upload {
  return { ...kept, phase, hasArrived: false, tries: 0, retryAt: null, trouble: null, outcome: null }
}

function again(upload: Upload): Upload {
  return { ...upload, phase: upload.hasArrived ? 'asking' : 'waiting', retryAt: null, trouble: null }
}
