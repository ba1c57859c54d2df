import { describe, expect, it } from 'vitest'
import {
  hitsOf,
  lastBegun,
  lineAt,
  lineOfWord,
  linesOf,
  voiceNumber,
  type Word,
  wordAt,
} from '../../../src/features/video/judgement/interview/transcript'

function word(text: string, start_s: number, end_s: number, speaker: string | null = '0'): Word {
  return { text, start_s, end_s, speaker, probability: 0.9, is_filler: false }
}

const said = ['안녕하세요', '저는', '백엔드', '개발자입니다.', 'I', 'built', 'it.'].map((text, at) =>
  word(text, at, at + 0.8),
)

describe('the word at a time', () => {
  it('is found by halves as by looking at each', () => {
    const starts = Array.from({ length: 1000 }, (_, at) => Math.floor(at / 3) * 0.25)
    for (const time of [-1, 0, 0.1, 0.25, 41.6, 83.25, 1e9]) {
      const slow = starts.reduce((last, start, at) => (start <= time ? at : last), -1)
      expect(lastBegun(starts.length, (at) => starts[at] as number, time)).toBe(slow)
    }
    expect(lastBegun(0, () => 0, 5)).toBe(-1)
  })

  it('is none before, between and after words', () => {
    expect(wordAt(said, -0.1)).toBe(-1)
    expect(wordAt(said, 2)).toBe(2)
    expect(wordAt(said, 2.79)).toBe(2)
    expect(wordAt(said, 2.8)).toBe(-1)
    expect(wordAt(said, 99)).toBe(-1)
    expect(wordAt([], 0)).toBe(-1)
  })
})

describe('lines', () => {
  it('end with sentences, with voices and with long pauses', () => {
    const words = [...said, word('Yes', 7, 7.5, '1'), word('then', 12, 12.5, '1')]
    expect(linesOf(words).map(({ first, last, speaker }) => [first, last, speaker])).toEqual([
      [0, 4, '0'],
      [4, 7, '0'],
      [7, 8, '1'],
      [8, 9, '1'],
    ])
    expect(linesOf([])).toEqual([])
  })

  it('have an end where nobody marks sentences', () => {
    const lines = linesOf(Array.from({ length: 500 }, (_, at) => word('a', at * 0.2, at * 0.2 + 0.1)))
    expect(Math.max(...lines.map((line) => line.last - line.first))).toBeLessThanOrEqual(40)
    expect(lines.at(-1)?.last).toBe(500)
  })

  it('stay the one that was said last in a pause', () => {
    const lines = linesOf(said)
    expect(lineAt(lines, -1)).toBe(-1)
    expect(lineAt(lines, 3.9)).toBe(0)
    expect(lineAt(lines, 4)).toBe(1)
    expect(lineOfWord(lines, 3)).toBe(0)
    expect(lineOfWord(lines, 6)).toBe(1)
  })
})

describe('searching', () => {
  it('finds parts of words, several words, Korean, and any letters', () => {
    expect(hitsOf(said, '개발')).toEqual([{ first: 3, last: 4 }])
    expect(hitsOf(said, 'i  BUILT it')).toEqual([{ first: 4, last: 7 }])
    expect(hitsOf(said, '저는 백')).toEqual([{ first: 1, last: 3 }])
    expect(hitsOf(said, '   ')).toEqual([])
    expect(hitsOf(said, 'nothing')).toEqual([])
  })

  it('finds every place once', () => {
    expect(hitsOf([word('aa', 0, 1), word('aab', 1, 2)], 'aa')).toEqual([
      { first: 0, last: 1 },
      { first: 1, last: 2 },
    ])
  })

  it('counts voices as people do', () => {
    expect(voiceNumber('0')).toBe('1')
    expect(voiceNumber('guest')).toBe('guest')
  })
})
