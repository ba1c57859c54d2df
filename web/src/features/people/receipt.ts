/** A JSON value as Python writes it with sorted keys, without spaces, in ASCII: what a receipt's SHA-256 is of. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
    const pairs = keys.map((key) => `${ascii(key)}:${canonical((value as Record<string, unknown>)[key])}`)
    return `{${pairs.join(',')}}`
  }
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value ?? null)
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export interface Line {
  readonly what: string
  readonly count: number | null
  readonly bytes: number | null
  readonly sha256: string | null
  readonly why: string | null
}

export interface Told {
  readonly removed: readonly Line[]
  readonly kept: readonly Line[]
  readonly pending: readonly string[]
  readonly notCovered: readonly string[]
}

/** What a receipt's document says, whatever else it may hold. */
export function toldBy(document: Readonly<Record<string, unknown>>): Told {
  const lines = (name: string) => list(document[name]).map(lineOf)
  const words = (name: string) => list(document[name]).filter((one) => typeof one === 'string')
  return {
    removed: lines('removed'),
    kept: lines('kept'),
    pending: words('pending'),
    notCovered: words('not_covered'),
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function lineOf(plain: unknown): Line {
  const row = (typeof plain === 'object' && plain !== null ? plain : {}) as Record<string, unknown>
  const text = (name: string) => (typeof row[name] === 'string' ? (row[name] as string) : null)
  const amount = (name: string) => (typeof row[name] === 'number' ? (row[name] as number) : null)
  return {
    what: text('what') ?? '–',
    count: amount('count'),
    bytes: amount('bytes'),
    sha256: text('sha256'),
    why: text('why'),
  }
}

type Key =
  | 'whatJobs'
  | 'whatBundle'
  | 'whatFile'
  | 'whatMeasurements'
  | 'whatCard'
  | 'whatCached'
  | 'whatDocuments'
  | 'whatAnswers'
  | 'whatFiles'

const KNOWN: Readonly<Record<string, Key>> = {
  jobs: 'whatJobs',
  'bundle files': 'whatBundle',
  'video file': 'whatFile',
  measurements: 'whatMeasurements',
  card: 'whatCard',
  'cached results': 'whatCached',
  'records in MongoDB': 'whatDocuments',
  'answers of language models': 'whatAnswers',
  files: 'whatFiles',
}

/** What is deleted, by the key of its word; rows of a table by the table's name; else null. */
export function wordOf(what: string): { key: Key } | { table: string } | null {
  const key = KNOWN[what]
  if (key) return { key }
  return what.startsWith('rows of ') ? { table: what.slice('rows of '.length) } : null
}
