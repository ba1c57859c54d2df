const KEPT = 'sightline.uploads'

/** Whether this browser remembers unfinished uploads; asked before anything of them is loaded. */
export function hasRemembered(): boolean {
  return Number(localStorage.getItem(KEPT) ?? 0) > 0
}

export function noteRemembered(count: number): void {
  if (count > 0) localStorage.setItem(KEPT, String(count))
  else localStorage.removeItem(KEPT)
}

/** Calls when another tab begins to remember uploads. */
export function onRemembered(call: () => void): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key === KEPT && hasRemembered()) call()
  }
  window.addEventListener('storage', hear)
  return () => window.removeEventListener('storage', hear)
}
