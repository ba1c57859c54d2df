import createClient, { type Middleware } from 'openapi-fetch'
import { language } from '@/state/language'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

/** What went wrong, as the server says it (RFC 9457), or that it could not be reached at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId = '',
  ) {
    super(message)
    this.name = 'Problem'
  }

  /** Nobody answered: worth trying again. */
  get isUnreachable(): boolean {
    return this.status === 0
  }
}

let asShare = false

/** From now on everything is asked in the name of the share link whose cookie the browser has. */
export function askAsShare(): void {
  asShare = true
}

export function isShare(): boolean {
  return asShare
}

/** An address of the API for an `img`, `video` or link, which send no header. */
export function address(path: string, query: Record<string, string | number | boolean | undefined> = {}): string {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value))
  if (asShare) asked.set('as', 'share')
  const text = asked.toString()
  return `/api/v1${path}${text ? `?${text}` : ''}`
}

const speaks: Middleware = {
  async onRequest({ request }) {
    request.headers.set('Accept-Language', language())
    if (!asShare) return request
    const url = new URL(request.url)
    url.searchParams.set('as', 'share')
    const { method, headers, credentials, signal } = request
    // A body that is handed on as it is becomes a stream, which browsers send over HTTP/2 only.
    const body = method === 'GET' ? undefined : await request.arrayBuffer()
    return new Request(url, { method, headers, credentials, signal, body })
  },
}

export const client = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' })
client.use(speaks)

type Answer<Data> = { data?: Data; error?: unknown; response: Response }

/** The answer's data; throws `Problem`. `await asked(client.GET('/api/v1/videos'))` */
export async function asked<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  let got: Answer<Data>
  try {
    got = await answer
  } catch (error) {
    throw new Problem(0, 'unreachable', error instanceof Error ? error.message : String(error))
  }
  if (!got.response.ok) throw problemOf(got.response, got.error)
  return got.data as Data
}

function problemOf(response: Response, body: unknown): Problem {
  const told = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const text = (name: string) => (typeof told[name] === 'string' ? (told[name] as string) : '')
  return new Problem(response.status, text('code') || 'http', text('detail') || response.statusText, text('request_id'))
}
