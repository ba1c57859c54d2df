import { describe, expect, it } from 'vitest'
import { expiryOf } from '../../../src/features/video/judgement/bar/expiry'
import { FORMATS, fileName, formatsOf } from '../../../src/features/video/judgement/bar/exports'
import { allowsEmotion, nothingAsked, optionsOf, whyNot } from '../../../src/features/video/judgement/bar/options'
import { questionsOf } from '../../../src/features/video/judgement/bar/questions'
import { TEXT } from '../../../src/features/video/judgement/bar/text'
import { actionsAfter, missingOf, scoreKey, stepOf } from '../../../src/features/video/judgement/interview/review'
import { judgement, score } from './made'

describe('questions', () => {
  it('are one a line, with times where there are some', () => {
    expect(questionsOf('1. Why this post?\n\n# note\n0:30 Tell me more\n1:02:03-1:05:00 The end')).toEqual([
      { title: 'Why this post?' },
      { title: 'Tell me more', start: '0:30' },
      { title: 'The end', start: '1:02:03', end: '1:05:00' },
    ])
    expect(questionsOf('')).toEqual([])
    expect(questionsOf('2024 was a hard year. Why?')).toEqual([{ title: '2024 was a hard year. Why?' }])
  })

  it('are YAML as docs have it', () => {
    const text =
      'questions:\n- {title: \'Why, then?\', start: 0, end: 1}\n- title: "어떻게? # 정말"\n  start: 1:02.5\n  id: how\n- plain one # note\n'
    expect(questionsOf(text)).toEqual([
      { title: 'Why, then?', start: '0', end: '1' },
      { title: '어떻게? # 정말', start: '1:02.5', id: 'how' },
      { title: 'plain one' },
    ])
  })

  it('say in which line they cannot be read', () => {
    expect(questionsOf('- title: a\n  begin: 3')).toEqual({ line: 2 })
    expect(questionsOf('- title: a\n- start: 3')).toEqual({ line: 2 })
    expect(questionsOf('title: a\n- b')).toEqual({ line: 1 })
  })
})

describe('what is asked of the interview desk', () => {
  const hiring = { id: 'hiring', needs_consent: true, denies: ['emotion', 'overall'] }
  const practice = { id: 'self_practice', needs_consent: false, denies: [] }

  it('waits for consent where the purpose needs one', () => {
    expect(whyNot(nothingAsked, hiring)).toBe('consent')
    expect(whyNot({ ...nothingAsked, consent: 'c1' }, hiring)).toBeNull()
    expect(whyNot({ ...nothingAsked, questions: '- start: 1' }, practice)).toBe('questions')
    expect(whyNot(nothingAsked, undefined)).toBe('policy')
  })

  it('never holds what the purpose denies', () => {
    const asked = { ...nothingAsked, emotion: true, consent: 'c1', questions: 'Why?' }
    expect(optionsOf(asked, hiring)).toEqual({
      policy: 'hiring',
      language: 'auto',
      consent: 'c1',
      questions: [{ title: 'Why?' }],
    })
    expect(optionsOf(asked, practice)).toEqual({
      policy: 'self_practice',
      language: 'auto',
      emotion: true,
      questions: [{ title: 'Why?' }],
    })
    expect([allowsEmotion(hiring), allowsEmotion(practice), allowsEmotion(undefined)]).toEqual([false, true, false])
  })
})

describe('what leaves the house', () => {
  it('has every format for media, and those of a person for interviews', () => {
    const all = formatsOf('qc').flatMap(({ formats }) => formats)
    expect(all.toSorted()).toEqual(Object.keys(FORMATS).toSorted())
    expect(formatsOf('interview').flatMap(({ formats }) => formats)).toEqual(['html', 'pdf', 'vtt', 'csv', 'json'])
  })

  it('says of every format what it is for, in both languages', () => {
    for (const format of Object.keys(FORMATS) as (keyof typeof FORMATS)[]) {
      expect(TEXT.en[`${format}For`]).toBeTruthy()
      expect(TEXT.ko[`${format}For`]).toBeTruthy()
    }
  })

  it('bears a name that every disk takes', () => {
    expect(fileName('a/b: "편집".mov', 'ebu-r128', 'edl')).toBe('a_b_ _편집_ ebu-r128.edl')
    expect(fileName('', '', 'csv')).toBe('report.csv')
  })

  it('is open for as long as was chosen, and never longer than the server allows', () => {
    const now = Date.UTC(2026, 10, 21)
    expect(expiryOf(7, now)).toBe('2026-11-28T00:00:00.000Z')
    expect(Date.parse(expiryOf(90, now)) - now).toBeLessThan(90 * 86_400_000)
  })
})

describe('the review', () => {
  const all = { change: true, contest: true }

  it('offers the steps that can follow', () => {
    expect(actionsAfter('open', all)).toEqual(['review', 'override', 'contest'])
    expect(actionsAfter('reviewed', all)).toEqual(['override', 'contest'])
    expect(actionsAfter('contested', all)).toEqual(['resolve'])
    expect(actionsAfter('resolved', all)).toEqual(['review', 'override', 'contest'])
  })

  it('lets whoever is only shown the scores dispute them, and no more', () => {
    const shown = { change: false, contest: true }
    expect(actionsAfter('open', shown)).toEqual(['contest'])
    expect(actionsAfter('contested', shown)).toEqual([])
    expect(actionsAfter('open', { change: false, contest: false })).toEqual([])
  })

  it('wants a reason, and a score within its marks', () => {
    const said = { action: 'override', text: ' ', score: null, value: null } as const
    expect([...missingOf(said, null)]).toEqual(['text', 'score', 'value'])
    expect([...missingOf({ ...said, text: 'why', score: '/gaze', value: 101 }, 100)]).toEqual(['value'])
    expect(missingOf({ action: 'review', text: '', score: null, value: null }, null).size).toBe(0)
    expect(missingOf({ action: 'resolve', text: 'done', score: null, value: null }, null).size).toBe(0)
  })

  it('names the answer a score is of', () => {
    const judged = judgement({ scores: [score('gaze', 50), score('gaze', 40, { part: 'q1' })] })
    const key = scoreKey(score('gaze', 40, { part: 'q1' }))
    expect(stepOf({ action: 'override', text: ' why ', score: key, value: 70 }, judged)).toEqual({
      action: 'override',
      text: 'why',
      score: 'gaze',
      part: 'q1',
      value: 70,
    })
    expect(stepOf({ action: 'review', text: '', score: key, value: 70 }, judged)).toEqual({
      action: 'review',
      text: '',
    })
  })
})
