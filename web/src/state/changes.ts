import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

/** How a running job fares, as the server tells it. Seconds are of the media, except `left_s`. */
export interface Progress {
  readonly job_id: string
  readonly subject_id: string | null
  readonly stage?: string
  readonly done_s?: number
  readonly total_s?: number | null
  readonly speed?: number
  readonly left_s?: number | null
  /** Of what is fetched from an address. */
  readonly done_bytes?: number
  readonly total_bytes?: number | null
  readonly bytes_per_s?: number | null
}

interface Change {
  readonly kind: string
  readonly subject: string
  readonly id: string
  readonly workspace_id: string
}

export type Line = 'connecting' | 'open' | 'lost'

/** What has to be asked anew when something of a kind changed: query keys begin with one of these. */
const TOUCHED: Readonly<Record<string, readonly string[]>> = {
  video: ['videos', 'video', 'tags', 'jobs'],
  analysis: ['videos', 'video', 'analyses', 'analysis', 'jobs', 'job'],
  job: ['jobs', 'job', 'analysis', 'videos', 'video'],
  upload: ['uploads', 'jobs', 'job'],
  template: ['templates', 'template'],
  share: ['shares'],
  review: ['analysis'],
  consent: ['consents'],
  member: ['members', 'session'],
  workspace: ['session', 'workspaces'],
}
const GATHER_MS = 150
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000
const HIDDEN_MS = 60_000
/** As `EventSource.CLOSED`: the browser has given up. */
const CLOSED = 2

let line: Line = 'connecting'
const progress = new Map<string, Progress>()
const ofSubject = new Map<string, Progress>()
const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(to: Line): void {
  if (line === to) return
  line = to
  tell()
}

function hear(told: Progress): void {
  progress.set(told.job_id, told)
  if (told.subject_id) ofSubject.set(told.subject_id, told)
  tell()
}

/** A job, or what it is for, is not as it was: what was told of its progress is old. */
function unhear(id: string): void {
  const told = progress.get(id) ?? ofSubject.get(id)
  if (!told) return
  progress.delete(told.job_id)
  if (told.subject_id) ofSubject.delete(told.subject_id)
  tell()
}

function unhearAll(): void {
  if (progress.size === 0) return
  progress.clear()
  ofSubject.clear()
  tell()
}

function parsed<Data>(event: MessageEvent<string>): Data | null {
  try {
    return JSON.parse(event.data) as Data
  } catch {
    // A word cut in two by a proxy: what it was about is asked for when the connection is made anew.
    return null
  }
}

/**
 * Hears of changes until it is ended. The browser itself comes back after a break and names the last change it heard
 * of; where it gives up (the server refused it), it is begun again, ever more slowly. A page nobody sees lets go of its
 * connection after a minute: browsers have six of them for all tabs of a server.
 */
export function followChanges(queries: QueryClient, url = '/api/v1/changes'): () => void {
  let source: EventSource | null = null
  let again: ReturnType<typeof setTimeout> | undefined
  let gathering: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined
  let refusals = 0
  let hasBeenOpen = false
  const due = new Set<string>()

  const invalidate = (keys: readonly string[]) => {
    for (const key of keys) due.add(key)
    gathering ??= setTimeout(() => {
      gathering = undefined
      const asked = [...due]
      due.clear()
      for (const key of asked) void queries.invalidateQueries({ queryKey: [key] })
    }, GATHER_MS)
  }
  const askAll = () => {
    unhearAll()
    void queries.invalidateQueries()
  }
  const begin = () => {
    clearTimeout(again)
    source?.close()
    const made = new EventSource(url)
    source = made
    made.onopen = () => {
      // A server that was restarted may have lost what it told nobody: everything shown is asked for anew.
      if (hasBeenOpen) askAll()
      hasBeenOpen = true
      refusals = 0
      become('open')
    }
    made.onerror = () => {
      if (source !== made) return
      become('lost')
      if (made.readyState !== CLOSED) return
      // Whoever was signed out meanwhile learns it by the session.
      if (refusals === 0) void queries.invalidateQueries({ queryKey: ['session'] })
      again = setTimeout(begin, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** refusals))
      refusals += 1
    }
    made.addEventListener('change', (event) => {
      const change = parsed<Change>(event)
      if (!change) return
      if (change.kind !== 'created') unhear(change.id)
      invalidate(TOUCHED[change.subject] ?? [change.subject])
    })
    made.addEventListener('progress', (event) => {
      const told = parsed<Progress>(event)
      if (told) hear(told)
    })
    made.addEventListener('reset', askAll)
  }
  const see = () => {
    clearTimeout(hiding)
    if (document.visibilityState === 'hidden') {
      hiding = setTimeout(() => {
        clearTimeout(again)
        source?.close()
        source = null
      }, HIDDEN_MS)
    } else if (!source || source.readyState === CLOSED) begin()
  }
  const online = () => {
    if (line === 'lost') begin()
  }

  begin()
  if (typeof document !== 'undefined') {
    document.addEventListener('visibilitychange', see)
    window.addEventListener('online', online)
  }
  return () => {
    clearTimeout(again)
    clearTimeout(gathering)
    clearTimeout(hiding)
    if (typeof document !== 'undefined') {
      document.removeEventListener('visibilitychange', see)
      window.removeEventListener('online', online)
    }
    source?.close()
    source = null
    unhearAll()
    become('connecting')
  }
}

/** Whether changes are heard of now. */
export function lineNow(): Line {
  return line
}

export function useLine(): Line {
  return useSyncExternalStore(listen, lineNow)
}

/** The latest that was heard of a job; undefined before the first word of it. */
export function progressOf(jobId: string | null | undefined): Progress | undefined {
  return jobId ? progress.get(jobId) : undefined
}

export function useProgress(jobId: string | null | undefined): Progress | undefined {
  return useSyncExternalStore(listen, () => progressOf(jobId))
}

/** As `useProgress`, by the analysis or upload the job is for. */
export function useProgressOf(subjectId: string | null | undefined): Progress | undefined {
  return useSyncExternalStore(listen, () => (subjectId ? ofSubject.get(subjectId) : undefined))
}
