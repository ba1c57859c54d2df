export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** As the server compares: composed, without width variants, without case. */
export function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ')
}

export function wordsOf(query: string): string[] {
  return [...new Set(normalised(query).split(/\s+/).filter(Boolean))]
}

/** A text cut where words of a query are in it, spelt however: together the pieces are the text. */
export function pieces(text: string, query: string): Piece[] {
  const words = wordsOf(query)
  if (!words.length || !text) return text ? [{ text, isHit: false }] : []
  // The spelling that is compared and, for each of its units, which sign of the text it comes from.
  const signs = Array.from(graphemes.segment(text), ({ segment }) => segment)
  let compared = ''
  const from: number[] = []
  signs.forEach((sign, index) => {
    const plain = normalised(sign)
    compared += plain
    for (let unit = 0; unit < plain.length; unit++) from.push(index)
  })
  const isHit = new Array<boolean>(signs.length).fill(false)
  for (const word of words) {
    for (let at = compared.indexOf(word); at >= 0; at = compared.indexOf(word, at + 1)) {
      for (let unit = at; unit < at + word.length; unit++) isHit[from[unit] as number] = true
    }
  }
  const cut: { text: string; isHit: boolean }[] = []
  signs.forEach((sign, index) => {
    const last = cut.at(-1)
    if (last && last.isHit === isHit[index]) last.text += sign
    else cut.push({ text: sign, isHit: isHit[index] as boolean })
  })
  return cut
}
