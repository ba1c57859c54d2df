import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, onTestFailed } from 'vitest'
import type { Person, Server } from './server'

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const SHOTS = path.join(import.meta.dirname, '.shots')

/** Where a Chromium is; null where there is none. */
export const CHROMIUM = PLACES.find((place) => place && existsSync(place)) ?? null
if (CHROMIUM === null && process.env.SIGHTLINE_REQUIRE_SERVICES === '1') {
  throw new Error('no Chromium was found: install the package chromium, or name one in CHROMIUM')
}
if (CHROMIUM === null) console.warn('browser tests are skipped: no Chromium was found (install the package chromium)')

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM as string,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  })
}

/** What a page did that it must not do. */
export class Watch {
  readonly errors: string[] = []
  readonly elsewhere: string[] = []
  /** Words of errors a test brings about on purpose: what the server refuses, or while it is away. */
  readonly expected: RegExp[] = []

  constructor(page: Page, url: string) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text())
    })
    page.on('pageerror', (error) => this.errors.push(String(error)))
    page.on('request', (request) => {
      const asked = new URL(request.url())
      if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== url) this.elsewhere.push(request.url())
    })
  }

  /** No error on the console, no request to anywhere else. */
  check(): void {
    expect(this.errors.filter((text) => !this.expected.some((allowed) => allowed.test(text)))).toEqual([])
    expect(this.elsewhere).toEqual([])
  }
}

export interface Seat {
  readonly context: BrowserContext
  readonly page: Page
  readonly watch: Watch
}

/** A browser profile of its own, with nobody signed in. */
export async function seat(browser: Browser, server: Server, options: BrowserContextOptions = {}): Promise<Seat> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  keepLastLook(page)
  return { context, page, watch: new Watch(page, server.url) }
}

/** What the page showed when a test failed lies in `.shots`. */
export function keepLastLook(page: Page): void {
  // Hooks have seats too, and nothing to be asked of when they fail.
  if (expect.getState().currentTestName === undefined) return
  onTestFailed(async ({ task }) => {
    if (page.isClosed()) return
    // Of several pages each has its own.
    const place = page.context().browser()?.contexts().indexOf(page.context()) ?? 0
    await shot(page, `failed ${task.name} ${place}`.replace(/[^\w가-힣]+/g, '-'))
  })
}

/** Signs in by the form, as people do. */
export async function signIn({ page }: Seat, server: Server, person: Person, after = '/'): Promise<void> {
  await page.goto(`${server.url}/sign-in?next=${encodeURIComponent(after)}`)
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill(person.password)
  await page.locator('form button:not([type=button])').first().click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
}

/** Asks the API in the name of whoever is signed in. */
export async function api<Data>(
  { page }: Seat,
  server: Server,
  path: string,
  body?: unknown,
  method?: string,
): Promise<Data> {
  const answer = await page.request.fetch(`${server.url}/api/v1${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { Origin: server.url },
    ...(body === undefined ? {} : { data: body }),
  })
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  return (answer.status() === 204 ? undefined : await answer.json()) as Data
}

export async function until(true_: () => Promise<boolean> | boolean, what: string, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await true_())) {
    if (Date.now() > end) throw new Error(`it did not come to pass: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Brings a file in through the API, without the page, and gives the video's id. */
export async function bring(seat: Seat, server: Server, file: string, name = path.basename(file)): Promise<string> {
  const answer = await seat.page.request.post(`${server.url}/api/v1/videos`, {
    headers: { Origin: server.url },
    multipart: { file: { name, mimeType: 'video/mp4', buffer: await readFile(file) } },
  })
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

/** Analyses a video and waits until it is done; the analysis' id. */
export async function analyse(seat: Seat, server: Server, video: string, asked: object = {}): Promise<string> {
  const { id } = await api<{ id: string }>(seat, server, '/analyses', { video_id: video, ...asked })
  await until(
    async () => {
      const { state, error } = await api<{ state: string; error: unknown }>(seat, server, `/analyses/${id}`)
      if (state === 'failed' || state === 'cancelled')
        throw new Error(`the analysis ${state}: ${JSON.stringify(error)}`)
      return state === 'done'
    },
    'the analysis is done',
    180_000,
  )
  return id
}

/** Waits until nothing fades or slides any more; what turns for ever is left to turn. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Another colour scheme begins to fade in with the next picture.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const ends = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ends.map(({ finished }) => finished))
  })
}

/** What axe finds against WCAG 2.2 A and AA, as short lines. */
export async function faultsOf(page: Page): Promise<string[]> {
  await atRest(page)
  const script = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  // Into the page's own world by the debugger: the page's policy forbids scripts of others, and that stays so.
  await page.evaluate(await readFile(script, 'utf8'))
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: (where: Document, how: object) => Promise<{ violations: Fault[] }> }
    }
    interface Fault {
      id: string
      nodes: { html: string; failureSummary: string }[]
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    return (await axe.run(document, { runOnly: tags })).violations.flatMap((fault) =>
      fault.nodes.map(
        (node) => `${fault.id}: ${node.html.slice(0, 160)} — ${node.failureSummary.split('\n').slice(0, 2).join(' ')}`,
      ),
    )
  })
  return found
}

/** The number burnt into the picture that the page's video shows now (`clips.py`). */
export async function shownNumber(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const video = document.querySelector('video') as HTMLVideoElement
    if (video.seeking) await new Promise((done) => video.addEventListener('seeked', done, { once: true }))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const canvas = document.createElement('canvas')
    canvas.width = 640
    canvas.height = 360
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D
    pen.drawImage(video, 0, 0, 640, 360)
    let number = 0
    for (let bit = 0; bit < 12; bit += 1)
      if ((pen.getImageData(bit * 12 + 6, 6, 1, 1).data[1] ?? 0) > 127) number |= 1 << bit
    return number
  })
}

/** A picture of the page, kept for people (in `.shots`, which is not in the repository). */
export async function shot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true })
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) })
}
