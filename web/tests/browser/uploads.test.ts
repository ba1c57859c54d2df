import path from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TEXT as LIBRARY } from '@/features/library/text'
import { TEXT as UPLOADS } from '@/features/uploads/text'
import { api, CHROMIUM, keepLastLook, seat, signIn, until, Watch } from './browser'
import { sayer, world } from './world'

const say = sayer(UPLOADS)
const library = sayer(LIBRARY)
const SLOW_BYTES_S = 4_000_000

describe.skipIf(CHROMIUM === null)('uploads', () => {
  const here = world(['counter', 'large'])

  test('a chosen file is sent, and is in the library', async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    await choose(one.page, path.join(here.folder, 'counter.mp4'))
    await one.page.getByRole('button', { name: say('send', { count: 1 }) }).click()
    await one.page
      .getByRole('region', { name: say('tray') })
      .getByRole('link', { name: 'counter.mp4' })
      .waitFor()
    await one.page.locator('main').getByText('counter.mp4').first().waitFor()
    one.watch.check()
    await one.context.close()
  })

  test('what is no video is refused before anything is sent', async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    await openAdding(one.page)
    await one.page
      .getByRole('dialog')
      .locator('input[type=file]')
      .first()
      .setInputFiles({
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('not a video'),
      })
    await one.page.getByRole('dialog').getByText(say('kind')).waitFor()
    const { items } = await api<{ items: { name: string }[] }>(one, here.server, '/uploads')
    expect(items.filter(({ name }) => name === 'notes.txt')).toEqual([])
    await one.context.close()
  })

  test('an upload that was interrupted goes on after the browser was closed, where it had stopped', async () => {
    const profile = path.join(here.folder, 'profile')
    const file = path.join(here.folder, 'large.mp4')
    const first = await persistent(profile)
    await signIn({ ...first, watch: new Watch(first.page, here.server.url) }, here.server, here.mina)
    await slow(first)
    await choose(first.page, file)
    await first.page.getByRole('button', { name: say('send', { count: 1 }) }).click()
    const bar = (page: Page) =>
      page.getByRole('region', { name: say('tray') }).getByRole('progressbar', { name: 'large.mp4' })
    const share = async (page: Page) => Number(await bar(page).getAttribute('aria-valuenow'))
    await until(async () => (await share(first.page)) > 25, 'a quarter is sent')
    await first.page.getByRole('button', { name: say('pause', { name: 'large.mp4' }) }).click()
    await first.page.getByRole('button', { name: say('resume', { name: 'large.mp4' }) }).waitFor()
    const stopped = await share(first.page)
    await first.context.close()

    const second = await persistent(profile)
    const sent: { method: string; offset: number }[] = []
    second.page.on('request', (request) => {
      const offset = request.headers()['upload-offset']
      if (offset !== undefined) sent.push({ method: request.method(), offset: Number(offset) })
    })
    await second.page.goto(here.server.url)
    const [chooser] = await Promise.all([
      second.page.waitForEvent('filechooser'),
      second.page.getByRole('button', { name: say('chooseAgain') }).click(),
    ])
    await chooser.setFiles(path.join(here.folder, 'counter.mp4'))
    await second.page.getByRole('alert').first().waitFor()
    const [again] = await Promise.all([
      second.page.waitForEvent('filechooser'),
      second.page.getByRole('button', { name: say('chooseAgain') }).click(),
    ])
    await again.setFiles(file)
    await second.page
      .getByRole('region', { name: say('tray') })
      .getByRole('link', { name: 'large.mp4' })
      .waitFor({ timeout: 90_000 })
    expect(stopped).toBeGreaterThan(20)
    expect(sent[0]?.method).toBe('PATCH')
    expect(sent[0]?.offset).toBeGreaterThan(1_000_000)
    await second.context.close()
  })

  async function persistent(profile: string): Promise<{ context: BrowserContext; page: Page }> {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM as string,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
      viewport: { width: 1440, height: 900 },
      locale: 'en-US',
    })
    context.setDefaultTimeout(30_000)
    const page = context.pages()[0] ?? (await context.newPage())
    keepLastLook(page)
    return { context, page }
  }

  async function slow({ context, page }: { context: BrowserContext; page: Page }): Promise<void> {
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 5,
      downloadThroughput: -1,
      uploadThroughput: SLOW_BYTES_S,
    })
  }

  async function openAdding(page: Page): Promise<void> {
    const button = page.getByRole('button', { name: library('add'), exact: true })
    await button
      .or(page.getByRole('button', { name: library('addFirst') }))
      .first()
      .click()
    await page.getByRole('dialog').waitFor()
  }

  async function choose(page: Page, file: string): Promise<void> {
    await openAdding(page)
    await page.getByRole('dialog').locator('input[type=file]').first().setInputFiles(file)
  }
})
