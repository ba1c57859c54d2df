import { expect, test } from 'vitest'
import { pieces } from '@/features/library/highlight'

const marked = (text: string, query: string) =>
  pieces(text, query).map(({ text: part, isHit }) => (isHit ? `[${part}]` : part)).join('') // biome-ignore format: short

test.each([
  ['Spring Master.mov', 'spring', '[Spring] Master.mov'],
  ['Spring Master.mov', 'MASTER spring', '[Spring] [Master].mov'],
  ['a-a-a', 'a', '[a]-[a]-[a]'],
  ['aaa', 'aa', '[aaa]'],
  ['봄 방송분', '방송', '봄 [방송]분'],
  ['봄 방송분', '송 봄', '[봄] 방[송]분'],
  // Decomposed, as file names of macOS are.
  [
    '봄 방송분'.normalize('NFD'),
    '방송',
    `${'봄 '.normalize('NFD')}[${'방송'.normalize('NFD')}]${'분'.normalize('NFD')}`,
  ],
  ['ＡＢＣ clip', 'abc', '[ＡＢＣ] clip'],
  ['Straße 5', 'STRASSE', '[Straße] 5'],
  ['한 (1)', '(', '한 [(]1)'],
  ['nothing here', 'zebra', 'nothing here'],
  ['nothing here', '   ', 'nothing here'],
])('in %s the words of %s are marked', (text, query, expected) => {
  expect(marked(text, query)).toBe(expected)
})

test('the pieces together are the text, whatever is searched for', () => {
  const text = '👩‍👩‍👧 İstanbul ﬁlm 각각 ½'
  for (const query of ['i', 'fi', '각', '1', '👩‍👩‍👧', 'ist', '⁄'])
    expect(pieces(text, query).map((piece) => piece.text).join('')).toBe(text) // biome-ignore format: short
})

test('an empty text has no pieces', () => {
  expect(pieces('', 'a')).toEqual([])
})
