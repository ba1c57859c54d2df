import { useSyncExternalStore } from 'react'

/** What somebody already pointed at when the window for adding videos opens. */
export interface Wanted {
  readonly files: readonly File[]
  readonly url: string
}

const NOTHING: Wanted = { files: [], url: '' }
let wanted: Wanted | null = null
const listeners = new Set<() => void>()

function become(to: Wanted | null): void {
  wanted = to
  for (const listener of listeners) listener()
}

/** Opens the window in which videos are added, from anywhere: `openAdd()`, or with what was dropped or pasted. */
export function openAdd(from: Partial<Wanted> = NOTHING): void {
  become({ ...NOTHING, ...from })
}

export function closeAdd(): void {
  become(null)
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What is to be added; null while the window is closed. */
export function useAdding(): Wanted | null {
  return useSyncExternalStore(listen, () => wanted)
}
