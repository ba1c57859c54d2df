import type { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { followChanges, lineNow, progressOf } from '@/state/changes'

/** An `EventSource` that does what the test says. */
class Source {
  static made: Source[] = []
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  readyState = 0
  readonly #heard = new Map<string, ((event: { data: string }) => void)[]>()

  constructor(readonly url: string) {
    Source.made.push(this)
  }

  addEventListener(name: string, call: (event: { data: string }) => void): void {
    this.#heard.set(name, [...(this.#heard.get(name) ?? []), call])
  }

  close(): void {
    this.readyState = 2
  }

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  /** Lost, and the browser itself tries again. */
  break(): void {
    this.readyState = 0
    this.onerror?.()
  }

  /** The server refused it: the browser gives up. */
  refuse(): void {
    this.readyState = 2
    this.onerror?.()
  }

  say(name: string, data: unknown): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    for (const call of this.#heard.get(name) ?? []) call({ data: text })
  }
}

const change = (subject: string, id: string, kind = 'changed') => ({ kind, subject, id, workspace_id: 'w' })
const running = (job_id: string, subject_id: string | null = null) => ({
  job_id,
  subject_id,
  stage: 'measuring',
  done_s: 4,
})

let asked: (string | null)[] = []
let end = () => {}

function follow(): Source {
  const invalidateQueries = (filter?: { queryKey?: readonly string[] }) => {
    asked.push(filter?.queryKey?.[0] ?? null)
    return Promise.resolve()
  }
  end = followChanges({ invalidateQueries } as unknown as QueryClient, '/changes')
  return Source.made.at(-1) as Source
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Source)
  Source.made = []
  asked = []
})

afterEach(() => {
  end()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the line', () => {
  test('is open once the server answered, and connecting again after the end', () => {
    const source = follow()
    expect(lineNow()).toBe('connecting')
    source.open()
    expect(lineNow()).toBe('open')
    end()
    expect(lineNow()).toBe('connecting')
    expect(source.readyState).toBe(2)
  })

  test('nothing is asked anew when it opens for the first time', () => {
    follow().open()
    vi.runAllTimers()
    expect(asked).toEqual([])
  })

  test('everything is asked anew when it opens after a break', () => {
    const source = follow()
    source.open()
    source.break()
    expect(lineNow()).toBe('lost')
    expect(Source.made).toHaveLength(1)
    source.open()
    expect(lineNow()).toBe('open')
    expect(asked).toEqual([null])
  })

  test('a refused one is begun again, ever more slowly, and at once the usual way after it was open', () => {
    const source = follow()
    source.open()
    source.refuse()
    vi.advanceTimersByTime(999)
    expect(Source.made).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(Source.made).toHaveLength(2)
    Source.made[1]?.refuse()
    vi.advanceTimersByTime(1999)
    expect(Source.made).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(Source.made).toHaveLength(3)
    Source.made[2]?.open()
    Source.made[2]?.refuse()
    vi.advanceTimersByTime(1000)
    expect(Source.made).toHaveLength(4)
  })

  test('is never tried less often than every half minute', () => {
    follow()
    for (let tries = 0; tries < 10; tries += 1) {
      Source.made.at(-1)?.refuse()
      vi.advanceTimersByTime(30_000)
    }
    expect(Source.made).toHaveLength(11)
  })

  test('a refusal makes the session be asked for, once', () => {
    follow().refuse()
    vi.advanceTimersByTime(1000)
    Source.made.at(-1)?.refuse()
    expect(asked).toEqual(['session'])
  })

  test('a source that was replaced has no say any more', () => {
    const first = follow()
    first.refuse()
    vi.advanceTimersByTime(1000)
    Source.made.at(-1)?.open()
    first.onerror?.()
    expect(lineNow()).toBe('open')
  })

  test('after the end no source is begun', () => {
    follow().refuse()
    end()
    vi.advanceTimersByTime(60_000)
    expect(Source.made).toHaveLength(1)
  })
})

describe('changes', () => {
  test('many at once ask once for each kind of query', () => {
    const source = follow()
    source.open()
    for (let number = 0; number < 50; number += 1) source.say('change', change('upload', `u${number}`))
    expect(asked).toEqual([])
    vi.advanceTimersByTime(150)
    expect(asked).toEqual(['uploads', 'jobs', 'job'])
    source.say('change', change('consent', 'c'))
    vi.advanceTimersByTime(150)
    expect(asked).toEqual(['uploads', 'jobs', 'job', 'consents'])
  })

  test('a subject nobody knows asks for queries of its own name', () => {
    const source = follow()
    source.say('change', change('novelty', 'n'))
    vi.advanceTimersByTime(150)
    expect(asked).toEqual(['novelty'])
  })

  test('a reset asks for everything and forgets progress', () => {
    const source = follow()
    source.say('progress', running('j'))
    source.say('reset', { at: 'now' })
    expect(asked).toEqual([null])
    expect(progressOf('j')).toBeUndefined()
  })

  test('what cannot be read is passed over', () => {
    const source = follow()
    source.say('change', '{"kind": "chan')
    source.say('progress', 'nonsense')
    source.say('change', change('share', 's'))
    vi.advanceTimersByTime(150)
    expect(asked).toEqual(['shares'])
  })
})

describe('progress', () => {
  test('is the latest that was told', () => {
    const source = follow()
    source.say('progress', running('j'))
    source.say('progress', { ...running('j'), done_s: 9 })
    expect(progressOf('j')?.done_s).toBe(9)
    expect(progressOf('other')).toBeUndefined()
    expect(progressOf(null)).toBeUndefined()
  })

  test('goes when its job changes', () => {
    const source = follow()
    source.say('progress', running('j'))
    source.say('change', change('job', 'j'))
    expect(progressOf('j')).toBeUndefined()
  })

  test('goes when the analysis it is for changes, which is how the end of a job is told', () => {
    const source = follow()
    source.say('progress', running('j', 'a'))
    source.say('progress', running('k', 'b'))
    source.say('change', change('analysis', 'a'))
    expect(progressOf('j')).toBeUndefined()
    expect(progressOf('k')).toBeDefined()
  })

  test('stays when something is created', () => {
    const source = follow()
    source.say('progress', running('j', 'a'))
    source.say('change', change('analysis', 'a', 'created'))
    expect(progressOf('j')).toBeDefined()
  })

  test('goes when the connection was lost meanwhile: the job may have ended unheard', () => {
    const source = follow()
    source.open()
    source.say('progress', running('j'))
    source.break()
    expect(progressOf('j')).toBeDefined()
    source.open()
    expect(progressOf('j')).toBeUndefined()
  })
})
