/** Words with how often each was said: `team ×7`. */
export function countedWords(words: readonly string[]): readonly string[] {
  const found = new Map<string, number>()
  for (const word of words) {
    const plain = word.toLocaleLowerCase()
    found.set(plain, (found.get(plain) ?? 0) + 1)
  }
  return [...found].toSorted((a, b) => b[1] - a[1]).map(([word, count]) => (count > 1 ? `${word} ×${count}` : word))
}
