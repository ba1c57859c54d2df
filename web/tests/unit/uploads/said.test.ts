import { expect, test } from 'vitest'
import { analysisOf, FIRST_CHOICE, possible, rememberedChoice } from '@/features/uploads/choice'
import { outlook } from '@/features/uploads/outlook'
import { type Event, type Kept, type Queue, step } from '@/features/uploads/queue'
import { said } from '@/features/uploads/said'
import { isPassing, troubleOf } from '@/features/uploads/sending'

const kept = { id: 'a', name: 'a.mp4', size: 1_000_000, sent: 0, address: null } as Kept
const added: Event = { type: 'added', kept: [kept] }
const away: Event = { type: 'unreachable', id: 'a', at: 0, trouble: { code: 'x', message: '' } }
const played = (...events: Event[]): Queue => events.reduce<Queue>(step, [])
const keys = (before: Queue, queue: Queue) => said(before, queue).map(({ key }) => key)

test('beginnings and outcomes are said aloud, progress is not', () => {
  const sending = played(added)
  expect(keys([], sending)).toEqual(['saidAdded'])
  expect(keys(sending, step(sending, { type: 'moved', id: 'a', sent: 5 }))).toEqual([])
  const asking = step(sending, { type: 'arrived', id: 'a' })
  const outcome = { videoId: 'v', analysisId: null, sameAs: null, trouble: null }
  expect(keys(asking, step(asking, { type: 'settled', id: 'a', outcome }))).toEqual(['saidDone'])
})

test('a server that is away is said once, however often it is tried', () => {
  const lost = played(added, away)
  expect(keys(played(added), lost)).toEqual(['saidAway'])
  const again = step(lost, { type: 'reachable' })
  expect(keys(lost, again)).toEqual([])
  expect(keys(again, step(again, away))).toEqual([])
})

test('uploads of an earlier visit are not said to have begun', () => {
  expect(keys([], played({ type: 'remembered', kept: [kept], elsewhere: new Set() }))).toEqual([])
})

test('an upload says bytes, speed and time left', () => {
  const [upload] = played(added, { type: 'moved', id: 'a', sent: 250_000 })
  if (!upload) throw new Error('no upload')
  const { parts } = outlook(upload, { speed: 50_000, left: 15 }, 0, 'en')
  expect(parts.map(({ key }) => key)).toEqual(['sending', 'speed', 'left'])
  expect(parts[0]?.fields).toEqual({ sent: '250 KB', size: '1 MB' })
})

test('the same bytes under another name are said to be there already', () => {
  const outcome = { videoId: 'v', analysisId: null, sameAs: 'first.mp4', trouble: null }
  const [upload] = played(added, { type: 'arrived', id: 'a' }, { type: 'settled', id: 'a', outcome })
  if (!upload) throw new Error('no upload')
  expect(outlook(upload, { speed: null, left: null }, 0, 'en').parts).toEqual([
    { key: 'sameAs', fields: { name: 'first.mp4' } },
  ])
})

test('failures pass or stay by what the server answers', () => {
  expect(isPassing(0, 'unreachable')).toBe(true)
  expect(isPassing(503, 'x')).toBe(true)
  expect(isPassing(409, 'intake.upload_busy')).toBe(true)
  expect(isPassing(404, 'library.not_found')).toBe(true)
  expect(isPassing(409, 'intake.upload_over')).toBe(false)
  expect(isPassing(401, 'account.not_signed_in')).toBe(false)
  expect(isPassing(422, 'x')).toBe(false)
  expect(troubleOf(422, '{"code": "intake.too_long", "detail": "Too long."}')).toEqual({
    code: 'intake.too_long',
    message: 'Too long.',
  })
  expect(troubleOf(502, '<html>')).toEqual({ code: 'http.502', message: '' })
})

test('what was chosen is remembered, but never whose consent it rests on', () => {
  const told = rememberedChoice(JSON.stringify({ ...FIRST_CHOICE, desk: 'interview', consent: 'c', tags: ['a', 3] }))
  expect(told).toEqual({ ...FIRST_CHOICE, desk: 'interview', consent: null, tags: ['a'] })
  expect(rememberedChoice('nonsense')).toEqual(FIRST_CHOICE)
  expect(rememberedChoice(null)).toEqual(FIRST_CHOICE)
})

test('a template that was removed since gives way to one that is there', () => {
  const templates = [
    { desk: 'qc', name: 'netflix' },
    { desk: 'interview', name: 'default' },
  ] as never
  expect(possible({ ...FIRST_CHOICE, template: 'gone', policy: 'hiring' }, templates, ['medical'])).toMatchObject({
    template: 'netflix',
    rubric: 'default',
    policy: 'medical',
  })
})

test('an analysis is asked for as chosen', () => {
  expect(analysisOf({ ...FIRST_CHOICE, desk: 'none' })).toBeNull()
  expect(analysisOf(FIRST_CHOICE)).toEqual({ desk: 'qc', template: 'default', options: {} })
  expect(analysisOf({ ...FIRST_CHOICE, desk: 'interview', language: 'ko', policy: 'hiring', consent: 'c' })).toEqual({
    desk: 'interview',
    template: 'default',
    options: { policy: 'hiring', language: 'ko', consent: 'c' },
  })
})
