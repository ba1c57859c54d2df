import type { DetailedError, HttpResponse } from 'tus-js-client'
import { language } from '@/state/language'
import type { Trouble, Upload } from './queue'

const CHUNK_BYTES = 8 * 1024 * 1024
const ENDPOINT = '/api/v1/uploads'
/** The upload has ended on the server: nothing more can be sent, it can only be begun anew. */
const OVER = 'intake.upload_over'
const SIGN_IN_AGAIN: readonly number[] = [401, 403]
/** Refusals that pass: gone (it is begun anew), busy, an offset that differs (it is asked for), too many at once. */
const PASSING: readonly number[] = [404, 408, 409, 410, 423, 425, 429]

export interface Hears {
  addressed(address: string): void
  moved(sent: number): void
  /** A piece is safe on the server. */
  kept(sent: number): void
  arrived(): void
  unreachable(trouble: Trouble): void
  /** `isOver`: going on is impossible, only beginning anew. */
  refused(trouble: Trouble, isOver: boolean): void
}

/** Sends what the server lacks of a file, from where it stopped. Gives what stops it; nothing is heard after that. */
export function send(upload: Upload, file: File, hears: Hears): () => void {
  let isStopped = false
  let stop = () => {}
  const tell =
    <Args extends unknown[]>(call: (...args: Args) => void) =>
    (...args: Args) => {
      if (!isStopped) call(...args)
    }
  void import('tus-js-client')
    .then((tus) => {
      if (isStopped) return
      const sender = new tus.Upload(file, {
        endpoint: ENDPOINT,
        uploadUrl: upload.address,
        chunkSize: CHUNK_BYTES,
        // When to try again is decided by the queue, which everybody can see.
        retryDelays: null,
        storeFingerprintForResuming: false,
        headers: { 'Accept-Language': language() },
        metadata: { filename: upload.name, workspace_id: upload.workspaceId, tags: upload.tags.join(',') },
        onUploadUrlAvailable: tell(() => {
          if (sender.url) hears.addressed(new URL(sender.url, window.location.href).pathname)
        }),
        onProgress: tell((sent) => hears.moved(sent)),
        onChunkComplete: tell((_, accepted) => hears.kept(accepted)),
        onSuccess: tell(() => hears.arrived()),
        onError: tell((error) => judge(error, hears)),
      })
      stop = () => void sender.abort().catch(() => {})
      sender.start()
    })
    .catch(tell((error: unknown) => hears.unreachable({ code: 'unreachable', message: String(error) })))
  return () => {
    isStopped = true
    stop()
  }
}

function judge(error: Error | DetailedError, hears: Hears): void {
  const answer: HttpResponse | null = 'originalResponse' in error ? error.originalResponse : null
  const status = answer?.getStatus() ?? 0
  // Without a request it is the file that could not be read: moved, changed, or its disk unplugged.
  if (!answer && !('originalRequest' in error && error.originalRequest)) {
    hears.refused({ code: 'unreadable', message: error.message }, false)
    return
  }
  const trouble = troubleOf(status, answer?.getBody() ?? '')
  if (isPassing(status, trouble.code)) hears.unreachable(trouble)
  else hears.refused(trouble, !SIGN_IN_AGAIN.includes(status))
}

export function isPassing(status: number, code: string): boolean {
  return (status === 0 || status >= 500 || PASSING.includes(status)) && code !== OVER
}

/** What the server says of a failure (RFC 9457); proxies may answer with anything. */
export function troubleOf(status: number, body: string): Trouble {
  try {
    const told = JSON.parse(body) as { code?: unknown; detail?: unknown }
    if (typeof told.detail === 'string') return { code: String(told.code ?? status), message: told.detail }
  } catch {
    // Not a problem document: only the status is known.
  }
  return { code: status === 0 ? 'unreachable' : `http.${status}`, message: '' }
}
