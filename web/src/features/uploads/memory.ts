import { noteRemembered } from './hint'
import type { Kept } from './queue'

/** An unfinished upload as it outlives the page; `handle` where the browser can be asked for the file again. */
export interface Remembered extends Kept {
  readonly handle?: FileSystemFileHandle
}

const NAME = 'sightline-uploads'
const STORE = 'uploads'
const CHANNEL = 'sightline-uploads'

let opened: Promise<IDBDatabase> | null = null
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL)

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'id' })
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  return opened
}

async function done<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Result>) {
  const database = await open()
  return new Promise<Result>((resolve, reject) => {
    const asked = work(database.transaction(STORE, mode).objectStore(STORE))
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}

/** A browser that keeps nothing (a private window, a full disk) sends as well; it only cannot go on another day. */
async function quietly<Result>(work: Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await work
  } catch (error) {
    console.warn('unfinished uploads are not remembered', error)
    return otherwise
  }
}

export async function remember(upload: Remembered): Promise<void> {
  await quietly(done('readwrite', (store) => store.put(upload)).then(counted), undefined)
}

export async function forget(id: string): Promise<void> {
  await quietly(done('readwrite', (store) => store.delete(id)).then(counted), undefined)
  channel?.postMessage({ gone: id })
}

/** Of everybody who uses this browser, the oldest first. */
export async function remembered(): Promise<readonly Remembered[]> {
  const all = await quietly(
    done('readonly', (store) => store.getAll() as IDBRequest<Remembered[]>),
    [],
  )
  return all.sort((a, b) => a.addedAt - b.addedAt)
}

async function counted(): Promise<void> {
  noteRemembered(await done('readonly', (store) => store.count()))
}

/** Hears of uploads that another tab has finished or given up. */
export function onForgotten(call: (id: string) => void): () => void {
  if (!channel) return () => {}
  const hear = (event: MessageEvent<{ gone?: string }>) => {
    if (event.data.gone) call(event.data.gone)
  }
  channel.addEventListener('message', hear)
  return () => channel.removeEventListener('message', hear)
}
