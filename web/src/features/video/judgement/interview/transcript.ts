/** A recognised word, as GET /analyses/{id}/words gives it. */
export interface Word {
  readonly text: string
  readonly start_s: number
  readonly end_s: number
  readonly speaker: string | null
  readonly probability: number | null
  readonly is_filler: boolean
}

/** Words that are read together: of one voice, to the end of a sentence. */
export interface Line {
  /** Of its first word. */
  readonly first: number
  /** Behind its last word. */
  readonly last: number
  readonly speaker: string | null
  readonly start_s: number
  readonly end_s: number
}

const LONG_PAUSE_S = 2
/** A recogniser that marks no sentences must not make one line of an hour. */
const LONGEST = 40
const LEAST = 4
/** Below it a word is marked as heard uncertainly. */
export const UNSURE = 0.5

export function linesOf(words: readonly Word[]): readonly Line[] {
  const lines: Line[] = []
  let first = 0
  const end = (last: number) => {
    const [from, to] = [words[first] as Word, words[last - 1] as Word]
    lines.push({ first, last, speaker: from.speaker, start_s: from.start_s, end_s: to.end_s })
    first = last
  }
  for (let at = 1; at < words.length; at += 1) {
    const [before, word] = [words[at - 1] as Word, words[at] as Word]
    const isSentence = /[.?!。？！…]["'”’)]?$/.test(before.text) && at - first >= LEAST
    if (
      before.speaker !== word.speaker ||
      word.start_s - before.end_s > LONG_PAUSE_S ||
      isSentence ||
      at - first >= LONGEST
    )
      end(at)
  }
  if (words.length) end(words.length)
  return lines
}

/** The last of `count` things that began at a time or before it, by halves; -1: none yet. */
export function lastBegun(count: number, startOf: (at: number) => number, time: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (startOf(middle) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The word that is said at a time; -1 between words. A word that touches the next is over when that begins. */
export function wordAt(words: readonly Word[], time: number): number {
  const at = lastBegun(words.length, (index) => (words[index] as Word).start_s, time)
  return at >= 0 && time < (words[at] as Word).end_s ? at : -1
}

/** The line that is said at a time, or was said last; -1 before the first. */
export function lineAt(lines: readonly Line[], time: number): number {
  return lastBegun(lines.length, (index) => (lines[index] as Line).start_s, time)
}

export interface Hit {
  /** First word of it, and the one behind its last. */
  readonly first: number
  readonly last: number
}

/** Every place a text stands at, over the borders of words, with small and capital letters alike. */
export function hitsOf(words: readonly Word[], search: string): readonly Hit[] {
  const wanted = search.trim().toLocaleLowerCase().replace(/\s+/g, ' ')
  if (!wanted) return []
  const starts: number[] = []
  let text = ''
  for (const word of words) {
    starts.push(text.length)
    text += `${word.text.toLocaleLowerCase()} `
  }
  const hits: Hit[] = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const first = lastBegun(starts.length, (index) => starts[index] as number, at)
    const last = lastBegun(starts.length, (index) => starts[index] as number, at + wanted.length - 1) + 1
    hits.push({ first, last })
  }
  return hits
}

/** The line a word stands in. */
export function lineOfWord(lines: readonly Line[], word: number): number {
  return lastBegun(lines.length, (index) => (lines[index] as Line).first, word)
}

/** Voices are counted from 0 where they are told apart, and from 1 by people. */
export function voiceNumber(speaker: string): string {
  return /^\d+$/.test(speaker) ? String(Number(speaker) + 1) : speaker
}
