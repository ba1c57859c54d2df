import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { localMinute, wrongIn } from '@/features/people/given'
import { canonical, toldBy, wordOf } from '@/features/people/receipt'

describe('a receipt', () => {
  it('is written as Python writes it, so that its SHA-256 is the one it bears', () => {
    const document = { b: [1, { z: null, a: '봄 "é"\n\u007f' }], a: 48211034, 가: true }
    // json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    const python = '{"a":48211034,"b":[1,{"a":"\\ubd04 \\"\\u00e9\\"\\n\\u007f","z":null}],"\\uac00":true}'
    expect(canonical(document)).toBe(python)
    expect(createHash('sha256').update(canonical(document)).digest('hex')).toHaveLength(64)
  })

  it('is read whatever its document holds', () => {
    const told = toldBy({
      removed: [{ what: 'video file', count: 1, bytes: 9, sha256: 'ab' }, 3],
      pending: ['files', 4],
    })
    expect(told.removed[0]).toEqual({ what: 'video file', count: 1, bytes: 9, sha256: 'ab', why: null })
    expect(told.removed[1]?.what).toBe('–')
    expect(told.pending).toEqual(['files'])
    expect(told.kept).toEqual([])
  })

  it('names what is known and leaves the rest as it is', () => {
    expect(wordOf('bundle files')).toEqual({ key: 'whatBundle' })
    expect(wordOf('rows of analyses')).toEqual({ table: 'analyses' })
    expect(wordOf('something else')).toBeNull()
  })
})

describe('a consent to be recorded', () => {
  const now = new Date('2026-11-21T10:00').getTime()
  const given = {
    subject: 'Kim Mina', contact: '', purpose: 'a post', policy: 'hiring', language: 'ko', at: '2026-11-20T09:00', text: '동의합니다',
  } // biome-ignore format: one record, one line

  it('needs everything but an address', () => {
    expect(wrongIn(given, now)).toEqual({})
    expect(wrongIn({ ...given, subject: ' ', text: '' }, now)).toEqual({ subject: 'required', text: 'required' })
  })

  it('is given before it is recorded, by a clock that may be minutes off', () => {
    expect(wrongIn({ ...given, at: '2026-11-21T10:04' }, now)).toEqual({})
    expect(wrongIn({ ...given, at: '2026-11-21T10:06' }, now)).toEqual({ at: 'inFuture' })
    expect(wrongIn({ ...given, at: 'no time' }, now)).toEqual({ at: 'inFuture' })
  })

  it('names its language by a code', () => {
    for (const code of ['ja', 'pt-BR', 'zh-Hans']) expect(wrongIn({ ...given, language: code }, now)).toEqual({})
    expect(wrongIn({ ...given, language: 'Japanese' }, now)).toEqual({ language: 'languageWrong' })
  })

  it('begins at this minute', () => {
    expect(localMinute(new Date(2026, 0, 5, 7, 9))).toBe('2026-01-05T07:09')
  })
})
