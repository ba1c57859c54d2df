/**
 * How fast the page is, in a real Chromium against a real service (`python -m benchmarks.web` makes both and calls this).
 *
 * Frames are counted by requestAnimationFrame while real wheel events arrive; a screen of 60 Hz gives 60 at most.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { CHROMIUM } from '../tests/browser/browser'

const url = process.env.BENCH_URL as string
const video = process.env.BENCH_VIDEO as string
const minutes = Number(process.env.BENCH_MINUTES ?? '0')
const parts = (process.env.BENCH_PARTS ?? '').split(',')
const BUILT = path.resolve(import.meta.dirname, '../../src/sightline/api/pages/web')
/** What the page keeps in the browser: which lanes are shown, by desk. */
const SHOWN = [
  'shots', 'events', 'group:loudness', 'group:true_peak', 'group:luma', 'group:chroma', 'group:flash', 'group:pattern',
  'group:out_of_range', 'group:gamut', 'group:change', 'group:phase', 'group:peak', 'group:packets',
  'signal:levels.black_share', 'signal:flash.luminance', 'signal:colour.dominant_share', 'signal:fields.comb_share',
  'signal:shots.motion', 'signal:active_area.fill',
] // biome-ignore format: a list
const LANES = SHOWN.length
const ROUNDS = 5

interface Frames {
  readonly frames_per_s: number
  readonly longest_ms: number
  readonly p95_ms: number
}

test('the page is measured', { timeout: (minutes + 15) * 60_000 }, async () => {
  const browser = await chromium.launch({
    executablePath: CHROMIUM as string,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--enable-precise-memory-info',
      '--js-flags=--expose-gc',
    ],
  })
  const result: Record<string, unknown> = { chromium: browser.version(), lanes: LANES }
  try {
    for (const [name, measure] of Object.entries({ first_load: firstLoad, library, video: longVideo, memory })) {
      if (parts.includes(name)) result[name] = await measure(browser)
    }
  } finally {
    await browser.close()
    await writeFile(process.env.BENCH_OUT as string, JSON.stringify(result, null, 2))
  }
  expect(Object.keys(result)).toEqual(expect.arrayContaining(parts))
})

async function opened(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.locator('input[name=email]').fill(process.env.BENCH_EMAIL as string)
  await page.locator('input[name=password]').fill(process.env.BENCH_PASSWORD as string)
  await page.locator('form button:not([type=button])').first().click()
  await page.waitForURL((at) => at.pathname === '/')
  return page
}

/** Bytes of what the document itself names, packed by gzip; and how long a cold browser takes until a page answers. */
async function firstLoad(browser: Browser): Promise<Record<string, unknown>> {
  const document = await readFile(path.join(BUILT, 'index.html'), 'utf8')
  const named = [...document.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((found) => found[1] as string)
  const packed = async (name: string) => gzipSync(await readFile(path.join(BUILT, name)), { level: 9 }).length
  let bytes = await packed('index.html')
  for (const name of named) bytes += await packed(name)
  const waits: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await opened(browser)
    await clearCache(page)
    const began = Date.now()
    await page.goto(url, { waitUntil: 'commit' })
    await page.locator('main a[href*="/videos/"]').first().waitFor()
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 5000 })))
    waits.push(Date.now() - began)
    await page.context().close()
  }
  return { gzip_bytes: bytes, files: named.length, interactive_ms: waits }
}

async function clearCache(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.clearBrowserCache')
  await session.detach()
}

/** Frames while the wheel turns for some seconds; `turn` sends one notch. */
async function framesWhile(page: Page, ms: number, turn: (number: number) => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const at: number[] = []
    const on = window as unknown as { frameTimes: number[]; isCounting: boolean }
    on.frameTimes = at
    on.isCounting = true
    const count = (now: number) => {
      at.push(now)
      if (on.isCounting) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  const end = Date.now() + ms
  for (let number = 0; Date.now() < end; number += 1) {
    await turn(number)
    await new Promise((done) => setTimeout(done, 8))
  }
  const at = await page.evaluate(() => {
    const on = window as unknown as { frameTimes: number[]; isCounting: boolean }
    on.isCounting = false
    return on.frameTimes
  })
  const gaps = at
    .slice(1)
    .map((moment, number) => moment - (at[number] as number))
    .sort((a, b) => a - b)
  const whole = (at.at(-1) as number) - (at[0] as number)
  return {
    frames_per_s: round((1000 * gaps.length) / whole),
    longest_ms: round(gaps.at(-1) as number),
    p95_ms: round(gaps[Math.floor(gaps.length * 0.95)] as number),
  }
}

async function library(browser: Browser): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const view of ['grid', 'list']) {
    const page = await opened(browser)
    await page.goto(`${url}/?view=${view}`)
    await page.locator('main a[href*="/videos/"]').first().waitFor()
    await page.waitForTimeout(1500)
    await page.mouse.move(800, 600)
    found[view] = await framesWhile(page, 10_000, () => page.mouse.wheel(0, 180))
    found[`${view}_nodes`] = await page.evaluate(() => document.querySelectorAll('*').length)
    await page.context().close()
  }
  return found
}

/** Opens the analysis of two hours and moves about in it. */
async function longVideo(browser: Browser): Promise<Record<string, unknown>> {
  const waits: number[] = []
  let page: Page | null = null
  for (let round = 0; round < ROUNDS; round += 1) {
    await page?.context().close()
    page = await opened(browser)
    await withLanes(page)
    const began = Date.now()
    await page.goto(`${url}/videos/${video}`, { waitUntil: 'commit' })
    await page.waitForFunction((count) => {
      const drawn = document.querySelector('[data-lanes-drawn]')?.getAttribute('data-lanes-drawn')
      return Number(drawn) >= count
    }, LANES)
    waits.push(Date.now() - began)
  }
  const shown = page as Page
  const lanes = Number(await shown.locator('[data-lanes-drawn]').first().getAttribute('data-lanes-drawn'))
  const canvas = shown.locator('[data-lanes-drawn] canvas').first()
  const box = (await canvas.boundingBox()) as { x: number; y: number; width: number; height: number }
  await shown.mouse.move(box.x + box.width / 2, box.y + Math.min(box.height / 2, 120))
  await shown.keyboard.down('Control')
  for (let notch = 0; notch < 12; notch += 1) await shown.mouse.wheel(0, -120)
  await shown.keyboard.up('Control')
  await shown.waitForTimeout(1500)
  const panned = await framesWhile(shown, 10_000, (number) => shown.mouse.wheel(number % 200 < 100 ? 90 : -90, 0))
  await shown.keyboard.down('Control')
  const zoomed = await framesWhile(shown, 5000, (number) => shown.mouse.wheel(0, number % 40 < 20 ? 60 : -60))
  await shown.keyboard.up('Control')
  await shown.context().close()
  return { opened_ms: waits, lanes_drawn: lanes, panned, zoomed }
}

/** As many lanes of signals as are aimed at: the page keeps the choice in the browser. */
async function withLanes(page: Page): Promise<void> {
  await page.addInitScript((lanes) => localStorage.setItem('sightline.lanes.qc', JSON.stringify(lanes)), SHOWN)
}

/** Minute by minute of use: library, video, work and back; the heap after a collection. */
async function memory(browser: Browser): Promise<Record<string, unknown>> {
  const page = await opened(browser)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const samples: Record<string, number>[] = []
  const end = Date.now() + minutes * 60_000
  for (let minute = 0; Date.now() < end; minute += 1) {
    const until = Date.now() + 55_000
    while (Date.now() < until && Date.now() < end) await goRound(page)
    samples.push({ minute: minute + 1, ...(await heapOf(session)) })
  }
  await page.context().close()
  return { minutes, samples }
}

async function goRound(page: Page): Promise<void> {
  await page.locator('nav a[href="/"]').first().click()
  await page.locator('main a[href*="/videos/"]').first().waitFor()
  await page.mouse.move(800, 600)
  for (let notch = 0; notch < 30; notch += 1) {
    await page.mouse.wheel(0, 400)
    await page.waitForTimeout(30)
  }
  for (let notch = 0; notch < 15; notch += 1) await page.mouse.wheel(0, -900)
  await page.evaluate((at) => {
    history.pushState({}, '', at)
    dispatchEvent(new PopStateEvent('popstate', { state: {} }))
  }, `/videos/${video}`)
  const canvas = page.locator('[data-lanes-drawn] canvas').first()
  await canvas.waitFor()
  const box = (await canvas.boundingBox()) as { x: number; y: number; width: number; height: number }
  await page.mouse.move(box.x + box.width / 2, box.y + 60)
  for (let notch = 0; notch < 60; notch += 1) {
    await page.mouse.wheel(notch % 20 < 10 ? 120 : -120, 0)
    await page.waitForTimeout(16)
  }
  await page.keyboard.press('Space')
  await page.waitForTimeout(1500)
  await page.keyboard.press('Space')
  await page.locator('nav a[href="/work"]').first().click()
  await page.locator('main h1').waitFor()
}

async function heapOf(session: CDPSession): Promise<Record<string, number>> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  return { heap_mib: round(of('JSHeapUsedSize') / 2 ** 20), nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
