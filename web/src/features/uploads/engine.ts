import type { Schemas } from '@/api/client'
import type { AnalysisChoice } from './choice'
import { claim, isElsewhere, newId, release } from './claims'
import { type Difference, difference, fingerprint } from './files'
import { askedFile, grantedFile, handleOf } from './handles'
import { forget, onForgotten, type Remembered, remember, remembered } from './memory'
import { bytesPerSecond, NO_PACE, type Pace, paced, secondsLeft } from './pace'
import { type Event, isBusy, isUnfinished, type Kept, type Queue, step, type Upload } from './queue'
import { run } from './run'
import { giveUp, standing } from './server'

export interface Plan {
  readonly workspaceId: string
  readonly tags: readonly string[]
  readonly analysis: AnalysisChoice | null
}

export type Fetched = Pick<Schemas['UploadView'], 'id' | 'name'>

export interface Shown {
  readonly queue: Queue
  /** Fetched by the server from an address; only those asked for since the page was opened. */
  readonly fetches: readonly Fetched[]
}

const LOOK_MS = 1000

/** The uploads of one user in this tab: what the queue wants done is done here, and its outcome told to the queue. */
export class Engine {
  #shown: Shown = { queue: [], fetches: [] }
  readonly #files = new Map<string, File>()
  readonly #handles = new Map<string, FileSystemFileHandle>()
  readonly #runs = new Map<string, () => void>()
  readonly #paces = new Map<string, Pace>()
  readonly #listeners = new Set<() => void>()

  constructor(readonly userId: string) {}

  get shown(): Shown {
    return this.#shown
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks for unfinished uploads of earlier visits; from then on follows other tabs and the connection. */
  async start(): Promise<void> {
    setInterval(() => void this.#look(), LOOK_MS)
    window.addEventListener('online', () => this.dispatch({ type: 'reachable' }))
    window.addEventListener('beforeunload', (event) => {
      if (isBusy(this.#shown.queue)) event.preventDefault()
    })
    onForgotten((id) => {
      if (this.#find(id)?.phase !== 'done') this.dispatch({ type: 'remove', id })
    })
    await this.recall()
  }

  /** Takes in what is remembered and not known here yet. */
  async recall(): Promise<void> {
    const mine = (await remembered()).filter(({ userId, id }) => userId === this.userId && !this.#find(id))
    if (mine.length === 0) return
    const elsewhere = new Set<string>()
    for (const upload of mine) {
      if (upload.handle) this.#handles.set(upload.id, upload.handle)
      if (await isElsewhere(upload.id)) elsewhere.add(upload.id)
    }
    this.dispatch({ type: 'remembered', kept: mine, elsewhere })
    for (const upload of mine) if (!elsewhere.has(upload.id)) await this.#know(upload)
  }

  /** Begins to send; a file of which a part was sent on an earlier visit is gone on with. */
  add(files: readonly File[], plan: Plan): void {
    const fresh: Kept[] = []
    for (const file of files) {
      const print = fingerprint(file)
      const known = this.#shown.queue.find((upload) => isUnfinished(upload) && upload.fingerprint === print)
      if (known && known.workspaceId === plan.workspaceId) {
        if (known.phase === 'fileless') void this.give(known.id, file)
        continue
      }
      const kept: Kept = {
        id: newId(), userId: this.userId, workspaceId: plan.workspaceId, name: file.name, size: file.size,
        fingerprint: print, tags: plan.tags, analysis: plan.analysis, addedAt: Date.now(), address: null, sent: 0,
      } // biome-ignore format: one upload, as it is kept
      const handle = handleOf(file)
      if (handle) this.#handles.set(kept.id, handle)
      this.#files.set(kept.id, file)
      fresh.push(kept)
    }
    for (const kept of fresh) {
      void claim(kept.id)
      void this.#remember(kept)
    }
    this.dispatch({ type: 'added', kept: fresh })
  }

  /** Follows what the server fetches. */
  follow(fetched: Fetched): void {
    this.#tell({ ...this.#shown, fetches: [...this.#shown.fetches, fetched] })
  }

  unfollow(id: string): void {
    this.#tell({ ...this.#shown, fetches: this.#shown.fetches.filter((fetched) => fetched.id !== id) })
  }

  /** Goes on with a file that was pointed at again; what differs, where it is another file. */
  async give(id: string, file: File): Promise<Difference | null> {
    const upload = this.#find(id)
    if (!upload) return null
    const differs = difference(upload.fingerprint, file)
    if (differs) return differs
    if (!(await claim(id))) {
      this.dispatch({ type: 'taken', id })
      return null
    }
    this.#files.set(id, file)
    this.dispatch({ type: 'given', id })
    return null
  }

  /** Whether the browser can be asked for the file, without choosing it again. */
  canReopen(id: string): boolean {
    return this.#handles.has(id)
  }

  /** Asks the browser for the file; false where it does not give it. To be called from a click. */
  async reopen(id: string): Promise<Difference | 'denied' | null> {
    const handle = this.#handles.get(id)
    if (!handle) return 'denied'
    try {
      const file = await askedFile(handle)
      return file ? await this.give(id, file) : 'denied'
    } catch {
      this.#handles.delete(id)
      this.#tell({ ...this.#shown })
      return 'denied'
    }
  }

  hasFile(id: string): boolean {
    return this.#files.has(id)
  }

  /** Gives an upload up: here, in what is remembered, and on the server. */
  cancel(id: string): void {
    const upload = this.#find(id)
    this.dispatch({ type: 'remove', id })
    void forget(id)
    if (upload?.address && isUnfinished(upload)) void giveUp(upload.address).catch(() => {})
  }

  paceOf(upload: Upload): { speed: number | null; left: number | null } {
    const pace = this.#paces.get(upload.id) ?? NO_PACE
    const at = Date.now()
    return { speed: bytesPerSecond(pace, at), left: secondsLeft(pace, upload.size, at) }
  }

  dispatch(event: Event): void {
    const before = this.#shown.queue
    const queue = step(before, event)
    if (queue === before) return
    this.#shown = { ...this.#shown, queue }
    this.#reconcile()
    this.#tell(this.#shown)
  }

  #find(id: string): Upload | undefined {
    return this.#shown.queue.find((upload) => upload.id === id)
  }

  #tell(shown: Shown): void {
    this.#shown = shown
    for (const listener of this.#listeners) listener()
  }

  #reconcile(): void {
    const wanted = new Map(this.#shown.queue.map((upload) => [upload.id, upload]))
    for (const [id, stop] of this.#runs) {
      const phase = wanted.get(id)?.phase
      if (phase === 'sending' || phase === 'asking') continue
      stop()
      this.#runs.delete(id)
      this.#paces.delete(id)
    }
    for (const upload of wanted.values()) {
      if ((upload.phase === 'sending' || upload.phase === 'asking') && !this.#runs.has(upload.id)) this.#run(upload)
      if (upload.phase === 'done' || upload.phase === 'elsewhere') release(upload.id)
    }
    for (const id of this.#files.keys()) {
      if (wanted.has(id)) continue
      this.#files.delete(id)
      release(id)
    }
  }

  #run(upload: Upload): void {
    const stop = run(upload, this.#files.get(upload.id), {
      find: (id) => this.#find(id),
      dispatch: (event) => this.dispatch(event),
      remember: (id) => void this.#remember(this.#find(id)),
      paced: (id, sent) => this.#paces.set(id, paced(this.#paces.get(id) ?? NO_PACE, sent, Date.now())),
    })
    this.#runs.set(upload.id, stop)
  }

  /** Once a second: what is due is tried again, and what another tab let go of is taken up. */
  async #look(): Promise<void> {
    const { queue } = this.#shown
    const at = Date.now()
    if (queue.some(({ phase, retryAt }) => phase === 'away' && retryAt !== null && retryAt <= at)) {
      this.dispatch({ type: 'due', at })
    }
    for (const upload of queue) {
      if (upload.phase !== 'elsewhere' || (await isElsewhere(upload.id))) continue
      const kept = (await remembered()).find(({ id }) => id === upload.id)
      if (!kept) this.dispatch({ type: 'remove', id: upload.id })
      else {
        this.dispatch({ type: 'freed', id: upload.id })
        await this.#know(kept)
      }
    }
  }

  /** Asks the server how far a remembered upload is, and goes on at once where nobody has to be asked for the file. */
  async #know(upload: Remembered): Promise<void> {
    const { id, address } = upload
    if (address) {
      try {
        const told = await standing(address)
        const isGone = told === null
        this.dispatch({
          type: 'known',
          id,
          address: isGone ? null : address,
          sent: told?.sent ?? 0,
          isHere: told?.isHere ?? false,
        })
        if (told?.isHere) return
      } catch {
        // The server is away: it is asked when the upload goes on.
      }
    }
    const handle = this.#handles.get(id)
    try {
      const file = handle && (await grantedFile(handle))
      if (file) await this.give(id, file)
    } catch {
      this.#handles.delete(id)
    }
  }

  async #remember(upload: Kept | undefined): Promise<void> {
    if (!upload || !this.#find(upload.id)) return
    const { id, userId, workspaceId, name, size, tags, analysis, addedAt, address, sent } = upload
    const handle = this.#handles.get(id)
    await remember({
      id, userId, workspaceId, name, size, fingerprint: upload.fingerprint, tags, analysis, addedAt, address, sent,
      ...(handle ? { handle } : {}),
    }) // biome-ignore format: one upload, as it is kept
  }
}

let running: Engine | null = null

/** The engine of whoever is signed in; begun when it is first asked for, ended with the page. */
export function engineOf(userId: string): Engine {
  if (running?.userId !== userId) {
    running = new Engine(userId)
    void running.start()
  }
  return running
}
