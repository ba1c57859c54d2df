import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { render } from '@/state/text'
import { launch } from './browser'
import { type Clip, clip, type Person, Server } from './server'

export interface World {
  browser: Browser
  server: Server
  /** For clips and profiles; removed at the end. */
  folder: string
  /** An administrator, and somebody who is none. */
  mina: Person
  jun: Person
}

type Settings = Readonly<Record<string, string>>

/**
 * A service, two people and a browser, for the tests of one file. Settings that name what lies in the folder are made
 * once there is one.
 */
export function world(
  clips: readonly Clip[] = [],
  settings: Settings | ((folder: string) => Promise<Settings>) = {},
): World {
  const made = {} as World
  beforeAll(async () => {
    made.folder = await mkdtemp(path.join(os.tmpdir(), 'page-clips-'))
    const told = async () => (typeof settings === 'function' ? settings(made.folder) : settings)
    const [browser, server] = await Promise.all([
      launch(),
      told().then((known) => Server.start(known)),
      ...clips.map((kind) => clip(kind, made.folder)),
    ])
    made.browser = browser
    made.server = server
    made.mina = await server.person('mina@example.org', true)
    made.jun = await server.person('jun@example.org')
    // All of it is processes that start: on a machine with much else to do that takes its time.
  }, 300_000)
  afterAll(async () => {
    await made.browser?.close()
    await made.server?.stop()
    await rm(made.folder, { recursive: true, force: true })
  })
  return made
}

type Texts = Readonly<Record<string, string>>

/** What the page says for a key: tests look for what people read, and a changed wording breaks none. */
export function sayer<Keys extends string>(
  from: { readonly en: Readonly<Record<Keys, string>>; readonly ko: Readonly<Record<Keys, string>> },
  language: 'en' | 'ko' = 'en',
) {
  return (key: Keys, fields: Record<string, string | number> = {}) =>
    render((from[language] as Texts)[key] as string, fields, language)
}
