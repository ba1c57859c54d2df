import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { TEXT as FRAME } from '@/app/text'
import { ADVICE } from '@/features/jobs/adviceText'
import { TEXT as WORK } from '@/features/jobs/text'
import { TEXT as PEOPLE } from '@/features/people/text'
import { TEXT } from '@/features/system/text'
import { MODELS } from '@/features/system/textModels'
import { STORAGE } from '@/features/system/textStorage'
import { bytes } from '@/ui/format'
import { analyse, api, bring, CHROMIUM, faultsOf, type Seat, seat, signIn, until } from './browser'
import { sayer, world } from './world'

const say = sayer(TEXT)
const models = sayer(MODELS)
const storage = sayer(STORAGE)
const frame = sayer(FRAME)
const work = sayer(WORK)
const advice = sayer(ADVICE)
const people = sayer(PEOPLE)
/** One whose files are others here: they come from a server that waits in the middle of them. */
const MODEL = 'speech_whisper_tiny'
const WEIGHTS = randomBytes(2 << 20)
const HALF = 1 << 20
const PYTHON = process.env.PYTHON ?? path.resolve(import.meta.dirname, '../../../.venv/bin/python')
const BROKEN = 'cut-off.mp4'

type State = Awaited<ReturnType<BrowserContext['storageState']>>
interface Job {
  readonly title: string
  readonly state: string
  readonly priority: number
}

describe.skipIf(CHROMIUM === null)('system, work and people', () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const site = () => `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`
  const mirror = http.createServer(async ({ url }, answer) => {
    if (url === `/${BROKEN}`) {
      const whole = await readFile(clip())
      answer.end(whole.subarray(0, whole.length / 2))
      return
    }
    answer.writeHead(200, { 'Content-Length': WEIGHTS.length })
    answer.write(WEIGHTS.subarray(0, HALF))
    await held
    answer.end(WEIGHTS.subarray(HALF))
  })
  const here = world(['short'], async (folder) => {
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve))
    await mkdir(path.join(folder, 'python'))
    const sha256 = createHash('sha256').update(WEIGHTS).digest('hex')
    // Python reads it before anything else.
    await writeFile(
      path.join(folder, 'python', 'sitecustomize.py'),
      `from dataclasses import replace
from sightline.weights import registry
known = dict(registry.registry())
toy = registry.WeightsFile("model.bin", "${sha256}", ${WEIGHTS.length})
known["${MODEL}"] = replace(known["${MODEL}"], files=(toy,), sources=())
registry.registry = lambda: known
`,
    )
    return {
      PYTHONPATH: path.join(folder, 'python'),
      SIGHTLINE_MODELS_MIRROR: site(),
      SIGHTLINE_FETCH_ALLOW: '127.0.0.1',
    }
  })
  let mina: State
  let video: string

  beforeAll(async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    video = await bring(one, here.server, clip(), 'harbour.mp4')
    await analyse(one, here.server, video)
    mina = await one.context.storageState()
    await one.context.close()
  }, 240_000)
  afterAll(() => {
    release()
    mirror.closeAllConnections()
    mirror.close()
  })

  const clip = () => path.join(here.folder, 'short.mp4')
  /** The same film in a file of other bytes: the same file would be known again. */
  async function another(name: string): Promise<string> {
    const room = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('free'), randomBytes(16)])
    const file = path.join(here.folder, name)
    await writeFile(file, Buffer.concat([await readFile(clip()), room]))
    return file
  }

  async function at(address: string): Promise<Seat> {
    const one = await seat(here.browser, here.server, { storageState: mina })
    await one.page.goto(here.server.url + address)
    return one
  }

  const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
  const set = (one: Seat, values: object) => api(one, here.server, '/system/settings', { values }, 'PATCH')

  async function look(page: Page, what: string): Promise<void> {
    await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').first().waitFor({ state: 'detached' })
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
      expect(await faultsOf(page), `${what}, ${colorScheme}`).toEqual([])
    }
  }

  test('the system page tells how the machine and the installation fare, in real numbers', async () => {
    const one = await at('/system')
    const { page } = one
    interface Told {
      readonly version: string
      readonly counts: Readonly<Record<string, number>>
      readonly queue: { readonly jobs: Readonly<Record<string, number>> }
    }
    const glance = card(page, say('atAGlance'))
    await until(async () => {
      const asked = '/system/samples'
      const { items } = await api<{ items: { memory_total_bytes: number }[] }>(one, here.server, asked)
      const whole = items.at(-1)?.memory_total_bytes ?? 0
      return whole > 0 && (await glance.innerText()).includes(` of ${bytes(whole, 'en')}`)
    }, 'the memory of the machine is told')
    await card(page, say('cores'))
      .getByText(say('core', { n: 1 }), { exact: true })
      .waitFor()
    expect(
      await card(page, say('cores'))
        .getByText(/^Core \d+$/)
        .count(),
    ).toBe(os.cpus().length)
    for (const name of [say('cpu'), say('memory'), say('disk')])
      await page
        .getByRole('figure')
        .filter({ hasText: say('chartOf', { title: name, span: '15 min' }) })
        .waitFor()
    const told = await api<Told>(one, here.server, '/system')
    const number = (name: string) => page.locator('dl > div').filter({ hasText: name }).getByRole('definition')
    expect(await number(say('done')).innerText()).toBe(String(told.queue.jobs.done))
    await page.getByRole('cell').or(page.getByRole('rowheader')).filter({ hasText: os.hostname() }).first().waitFor()
    await look(page, 'overview')

    await page.getByRole('tab', { name: say('storage') }).click()
    const row = card(page, storage('storage')).getByRole('row', { name: new RegExp(`^${storage('media')} `) })
    const size = (await readFile(clip())).length
    await until(async () => (await row.innerText()).includes(bytes(size, 'en')), 'what the video takes is told')
    await look(page, 'storage')

    await page.getByRole('tab', { name: say('people') }).click()
    const first = page.getByRole('row', { name: /mina@example\.org/ })
    await first.waitFor()
    expect(Number(await first.getByRole('cell').first().innerText())).toBeGreaterThan(0)
    const second = page.getByRole('row', { name: /jun@example\.org/ })
    expect(await second.getByRole('cell').first().innerText()).toBe('0')
    await look(page, 'people')

    await page.getByRole('tab', { name: say('about') }).click()
    await page.getByText(told.version, { exact: true }).waitFor()
    expect(await number(say('videos')).innerText()).toBe(String(told.counts.videos))
    await look(page, 'about')
    one.watch.check()
    await one.context.close()
  })

  test('a model is fetched, with its progress, until it is installed', async () => {
    const one = await at('/system#models')
    const { page } = one
    await card(page, models('notHere'))
      .getByRole('button', { name: models('pullOf', { id: MODEL }) })
      .click()
    const bar = page.getByRole('progressbar', { name: models('progressOf', { id: MODEL }) })
    const share = async () => Number(await bar.getAttribute('aria-valuenow'))
    await until(async () => (await share()) > 0, 'some of it is here')
    expect(await share()).toBeLessThanOrEqual(50)
    await page.getByText(/of 2\.1 MB$/).waitFor()
    await look(page, 'models')
    release()
    await card(page, models('here')).getByText(MODEL, { exact: true }).waitFor()
    await page.getByRole('button', { name: models('removeOf', { id: MODEL }) }).waitFor()
    one.watch.check()
    await one.context.close()
  })

  test('while a limit is passed work waits, can be put in order, stopped and asked for again, and administrators hear', async () => {
    const one = await at('/work')
    const { page } = one
    let mayWait = true
    await set(one, { max_memory_percent: 0.1 })
    onTestFinished(async () => {
      if (mayWait) await set(one, { max_memory_percent: null })
      await one.context.close()
    })
    const holds = async () => (await api<{ holds: object[] }>(one, here.server, '/system')).holds.length
    await until(async () => (await holds()) > 0, 'no job begins')
    const other = await bring(one, here.server, await another('news.mp4'))
    await api(one, here.server, '/analyses', { video_id: video, template: 'dpp' })
    await api(one, here.server, '/analyses', { video_id: other, template: 'dpp' })

    const row = (name: string) =>
      card(page, `${work('active')} · 2`)
        .getByRole('listitem')
        .filter({ hasText: name })
    const job = async (name: string) => {
      const { items } = await api<{ items: Job[] }>(one, here.server, '/jobs?kind=analysis')
      return items.find(({ title }) => title === name) as Job
    }
    await row('news.mp4').waitFor()
    const order = async () => (await row('.mp4').allInnerTexts()).map((text) => /(harbour|news)\.mp4/.exec(text)?.[1])
    expect(await order()).toEqual(['harbour', 'news'])
    await page.getByRole('button', { name: work('up', { name: 'news.mp4' }) }).click()
    await row('news.mp4')
      .getByText(work('waitsFirst', { priority: '+1' }))
      .waitFor()
    await until(async () => (await order()).join() === 'news,harbour', 'it stands before the other')
    expect((await job('news.mp4')).priority).toBe(1)
    await look(page, 'work')

    await page.getByRole('button', { name: work('cancel', { name: 'harbour.mp4' }) }).click()
    await page
      .getByRole('dialog', { name: work('cancelAsk', { count: 1 }) })
      .getByRole('button', { name: work('cancelDo', { count: 1 }) })
      .click()
    const again = page.getByRole('button', { name: work('retry', { name: 'harbour.mp4' }) })
    await again.waitFor()
    expect((await job('harbour.mp4')).state).toBe('cancelled')
    await again.click()
    await row('harbour.mp4').waitFor()

    await page.goto(`${here.server.url}/system`)
    await page.getByRole('region', { name: say('held') }).waitFor()
    const alert = card(page, say('alerts')).getByRole('listitem').filter({ hasText: 'of the memory is in use' })
    await alert.filter({ hasText: 'began' }).waitFor()
    await look(page, 'alerts')
    await set(one, { max_memory_percent: null })
    mayWait = false
    await alert.filter({ hasText: /, for \d/ }).waitFor({ timeout: 60_000 })
    await card(page, say('alerts')).getByText(say('noAlerts')).waitFor()
    await page.goto(`${here.server.url}/work`)
    const over = card(page, `${work('over')} · 3`)
    await over.waitFor({ timeout: 120_000 })
    expect((await job('news.mp4')).state).toBe('done')
    one.watch.check()
  })

  test('why a broken file could not be taken in is said in words, with what can be done', async () => {
    const one = await at('/work')
    const { page } = one
    await api(one, here.server, '/videos/from-url', { url: `${site()}/${BROKEN}` })
    const row = page.getByRole('listitem').filter({ hasText: BROKEN }).first()
    await row.getByText(advice('file')).waitFor()
    expect(await row.innerText()).not.toMatch(/Traceback|Error\b|Exception|\[Errno/)
    one.watch.check()
    await one.context.close()
  })

  test('a consent is recorded, found by the address, and withdrawn with what follows from it', async () => {
    const one = await at('/people')
    const { page } = one
    await page.getByRole('button', { name: people('record') }).click()
    const form = page.getByRole('dialog', { name: people('record') })
    await form.getByRole('button', { name: people('recordAction') }).click()
    await form.getByText(people('required')).first().waitFor()
    await form.getByRole('textbox', { name: people('person'), exact: true }).fill('Kim Yuna')
    await form.getByRole('textbox', { name: people('contact') }).fill('yuna@example.org')
    await form.getByRole('combobox', { name: people('policy') }).click()
    await page.getByRole('option', { name: 'Hiring' }).click()
    await form.getByRole('textbox', { name: people('purpose') }).fill('The editing desk')
    await form.getByRole('button', { name: people('insertUsual') }).click()
    await look(page, 'the form of a consent')
    await form.getByRole('button', { name: people('recordAction') }).click()
    await form.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: /^Kim Yuna/ })
    await row.getByText(people('valid')).waitFor()
    const { items } = await api<{ items: { id: string; text: string }[] }>(one, here.server, '/consents')
    expect(items.map(({ text }) => text)).toEqual([people('usual', { policy: 'Hiring' })])
    await page.getByRole('searchbox', { name: people('findByContact') }).fill('nobody@example.org')
    await page.getByText(people('noConsentsOf')).waitFor()
    await page.getByRole('searchbox', { name: people('findByContact') }).fill('yuna@example.org')
    await row.waitFor()
    const options = { policy: 'hiring', consent: items[0]?.id }
    await analyse(one, here.server, video, { desk: 'interview', options })

    await page.getByRole('button', { name: people('actions', { name: 'Kim Yuna' }) }).click()
    await page.getByRole('menuitem', { name: people('withdraw') }).click()
    const asked = page.getByRole('dialog', { name: people('withdrawTitle', { name: 'Kim Yuna' }) })
    await asked.getByRole('button', { name: people('withdrawAction') }).click()
    await page.getByText(people('wasWithdrawn', { count: 1 })).waitFor()
    await page
      .getByRole('button', { name: people('close') })
      .last()
      .click()
    await row.getByText(/^Withdrawn /).waitFor()
    const anew = api(one, here.server, '/analyses', { video_id: video, desk: 'interview', options })
    await expect(anew).rejects.toThrow(/consent\./)
    await look(page, 'consents')
    await page.getByRole('tab', { name: people('reviews') }).click()
    await page.getByText(people('reviewsWhy')).waitFor()
    await look(page, 'reviews')
    one.watch.check()
    await one.context.close()
  })

  test('a video is deleted for good after a confirmation, and its receipt can be kept', async () => {
    const one = await at('/people#erasure')
    const { page } = one
    const doomed = await bring(one, here.server, await another('doomed.mp4'))
    await analyse(one, here.server, doomed)
    await page.getByRole('combobox', { name: people('chooseVideo') }).click()
    await page.getByRole('option', { name: /^doomed\.mp4/ }).click()
    await page.getByRole('button', { name: people('erase') }).click()
    const dialog = page.getByRole('dialog', { name: people('eraseTitle', { name: 'doomed.mp4' }) })
    await dialog.getByText(people('eraseBackups')).waitFor()
    await dialog.getByRole('button', { name: people('eraseAction') }).click()
    const receipt = page.getByRole('dialog', { name: people('receipt') })
    await receipt.getByText(people('erasedNow')).waitFor()
    // It may be asked for once more before the page knows that it is gone.
    one.watch.expected.push(/404/)
    expect(await receipt.getByText(people('incomplete')).count()).toBe(0)
    await look(page, 'a receipt')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      receipt.getByRole('button', { name: people('download') }).click(),
    ])
    const text = await readFile(await file.path())
    const sha256 = createHash('sha256').update(text).digest('hex')
    await receipt.getByText(sha256, { exact: true }).waitFor()
    expect(JSON.parse(text.toString())).toMatchObject({ video: doomed })
    await receipt
      .getByRole('button', { name: people('close') })
      .last()
      .click()
    await page
      .getByRole('row')
      .filter({ hasText: people('complete') })
      .waitFor()
    await look(page, 'receipts')
    expect((await page.request.get(`${here.server.url}/api/v1/videos/${doomed}`)).status()).toBe(404)
    expect((await page.request.get(`${here.server.url}/api/v1/videos/${doomed}/media`)).status()).toBe(404)
    one.watch.check()
    await one.context.close()
  })

  test('a share link ends by itself when its time is over', async () => {
    const one = await at('/')
    const analysis = await analyse(one, here.server, video)
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const asked = `/analyses/${analysis}/shares`
    const { url } = await api<{ url: string }>(one, here.server, asked, { expires_at })
    const guest = await seat(here.browser, here.server)
    guest.watch.expected.push(/401/)
    await guest.page.goto(url)
    await guest.page.locator('video').first().waitFor()
    await anHourPasses()
    await guest.page.reload()
    await guest.page.getByRole('heading', { name: frame('linkOver') }).waitFor()
    expect(await guest.page.locator('video').count()).toBe(0)
    const again = await guest.page.request.get(`${here.server.url}/api/v1/analyses/${analysis}?as=share`)
    expect(again.status()).toBe(401)
    const other = await seat(here.browser, here.server)
    expect((await other.page.goto(url))?.status()).toBeGreaterThanOrEqual(400)
    await other.context.close()
    guest.watch.check()
    await guest.context.close()
    await one.context.close()
  })

  /** For share links: they were made to end an hour before. */
  async function anHourPasses(): Promise<void> {
    const words = `import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as library:
    library.execute("UPDATE shares SET expires_at = datetime(expires_at, '-1 hour') || '.000000'")
`
    await promisify(execFile)(PYTHON, ['-c', words, path.join(here.server.folder, 'data', 'sightline.db')])
  }
})
