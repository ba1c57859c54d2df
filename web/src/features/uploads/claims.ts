/** One tab at a time sends an upload. Where the page is not served securely the browser has no locks: leases stand in. */
const LEASE_MS = 5000
const RENEW_MS = 1500
const tab = newId()
const held = new Map<string, Promise<(() => void) | null>>()

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const nameOf = (id: string) => `sightline.upload.${id}`

/** Whether this tab has the upload now. A tab that is closed or dies has nothing. */
export async function claim(id: string): Promise<boolean> {
  // Whoever asks while it is being asked for gets the same answer: a lock is not given twice.
  const asked = held.get(id) ?? Promise.resolve(navigator.locks ? lock(id) : lease(id))
  held.set(id, asked)
  if (await asked) return true
  if (held.get(id) === asked) held.delete(id)
  return false
}

export function release(id: string): void {
  void held.get(id)?.then((free) => free?.())
  held.delete(id)
}

/** Whether another tab has it. */
export async function isElsewhere(id: string): Promise<boolean> {
  if (held.has(id)) return false
  if (!navigator.locks) return leaseOf(id) !== null
  const { held: locks } = await navigator.locks.query()
  return locks?.some(({ name }) => name === nameOf(id)) ?? false
}

function lock(id: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    void navigator.locks.request(nameOf(id), { ifAvailable: true }, (got) => {
      if (!got) {
        resolve(null)
        return
      }
      return new Promise<void>((free) => resolve(() => free()))
    })
  })
}

function leaseOf(id: string): { tab: string } | null {
  const [owner, until] = (localStorage.getItem(nameOf(id)) ?? '').split(' ')
  return owner && owner !== tab && Number(until) > Date.now() ? { tab: owner } : null
}

function lease(id: string): (() => void) | null {
  if (leaseOf(id)) return null
  const renew = () => localStorage.setItem(nameOf(id), `${tab} ${Date.now() + LEASE_MS}`)
  renew()
  const beat = setInterval(renew, RENEW_MS)
  return () => {
    clearInterval(beat)
    localStorage.removeItem(nameOf(id))
  }
}
