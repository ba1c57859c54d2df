import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = path.resolve(import.meta.dirname, '../../src')
/** What a folder may take from besides itself: the order of docs/architecture.md. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  api: ['state'],
  state: ['api'],
  ui: ['api', 'state'],
  features: ['api', 'state', 'ui'],
  app: ['api', 'state', 'ui', 'features'],
}

interface Import {
  readonly file: string
  readonly from: readonly string[]
  readonly to: readonly string[]
}

function imports(): Import[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  return files.flatMap((file) => {
    const text = readFileSync(path.join(SOURCE, file), 'utf8')
    const named = [...text.matchAll(/(?:from|import\()\s*'((?:@\/|\.)[^']+)'/g)].map((found) => found[1] as string)
    return named.map((name) => {
      const to = name.startsWith('@/') ? name.slice(2) : path.join(path.dirname(file), name)
      return { file, from: file.split(path.sep), to: to.split(path.sep) }
    })
  })
}

test('folders import in one direction', () => {
  const found = imports()
  expect(found.length).toBeGreaterThan(500)
  for (const { file, from, to } of found) {
    const [here, there] = [from[0] as string, to[0] as string]
    if (here !== there) expect(MAY[here], `${file} imports ${to.join('/')}`).toContain(there)
  }
})

test('no feature imports a feature', () => {
  for (const { file, from, to } of imports()) {
    if (from[0] === 'features' && to[0] === 'features') expect(to[1], `${file} imports ${to.join('/')}`).toBe(from[1])
  }
})
