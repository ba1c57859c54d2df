import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { render } from '@/state/text'

const SOURCE = path.resolve(import.meta.dirname, '../../src')
const NAMED = /(^|\/)(text\w*|\w+[tT]ext)\.ts$/
const FIELD = /\{(\w+)\}/g

interface Found {
  readonly file: string
  readonly en: Record<string, string>
  readonly ko: Record<string, string>
}

/** Every catalogue of the page: whatever a `text.ts`, or a file whose name ends in `Text.ts`, exports. */
async function catalogues(): Promise<Found[]> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(^|\/)(text\w*|\w+[tT]ext)\.ts$/.test(file) && file !== 'state/text.ts',
  )
  const found: Found[] = []
  for (const file of files) {
    const exported = (await import(path.join(SOURCE, file))) as Record<string, unknown>
    for (const value of Object.values(exported)) {
      if (typeof value === 'object' && value !== null && 'en' in value && 'ko' in value) {
        found.push({ file, ...(value as Omit<Found, 'file'>) })
      }
    }
  }
  return found
}

test('every text of the page is there in both languages, with the same fields', async () => {
  const found = await catalogues()
  expect(found.length).toBeGreaterThan(4)
  for (const { file, en, ko } of found) {
    expect(Object.keys(ko).sort(), file).toEqual(Object.keys(en).sort())
    for (const [key, text] of Object.entries(en)) {
      expect(text.trim(), `${file} ${key}`).not.toBe('')
      expect(ko[key]?.trim(), `${file} ${key}`).not.toBe('')
      const fields = (of: string) => [...new Set([...of.matchAll(FIELD)].map((field) => field[1]))].sort()
      expect(fields(ko[key] as string), `${file} ${key}`).toEqual(fields(text))
    }
  }
})

test('no file keeps texts where they are not looked for', () => {
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file) || file === 'state/text.ts' || NAMED.test(file)) continue
    expect(readFileSync(path.join(SOURCE, file), 'utf8'), file).not.toMatch(/\bcatalogue\(/)
  }
})

test('Korean texts are Korean', async () => {
  const signs = /[가-힣]/
  for (const { file, ko, en } of await catalogues()) {
    // Names and units are the same in both: a text with three words of English in it is not.
    for (const [key, text] of Object.entries(ko)) {
      const isProse = ((en[key] as string).replace(FIELD, '').match(/\b[a-z]{3,}\b/g) ?? []).length > 2
      if (isProse) expect(text, `${file} ${key}`).toMatch(signs)
    }
  }
})

test('one or other is chosen by the count, in each language by its own rule', () => {
  expect(render('{count} video|{count} videos', { count: 1 }, 'en')).toBe('1 video')
  expect(render('{count} video|{count} videos', { count: 3 }, 'en')).toBe('3 videos')
  expect(render('영상 {count}개', { count: 3 }, 'ko')).toBe('영상 3개')
  expect(render('{missing} stays', {}, 'en')).toBe('{missing} stays')
})
