import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Format, fileName, formatsOf } from '@/features/video/judgement/bar/exports'
import { TEXT as BAR } from '@/features/video/judgement/bar/text'
import { TEXT as COMPARE } from '@/features/video/judgement/compare/text'
import { TEXT as QC } from '@/features/video/judgement/qc/text'
import { TEXT as LANES } from '@/features/video/lanes/text'
import { TEXT as UI } from '@/ui/text'
import {
  analyse,
  api,
  bring,
  CHROMIUM,
  faultsOf,
  keepLastLook,
  type Seat,
  seat,
  shownNumber,
  signIn,
  until,
} from './browser'
import { sayer, world } from './world'

const [bar, compare, qc, lanes, ui] = [sayer(BAR), sayer(COMPARE), sayer(QC), sayer(LANES), sayer(UI)]
const NAME = 'counter.mp4'
/** As `clips.py` makes it: black from 4 s to 6 s, silence from 10 s to 14 s, 25 pictures a second. */
const BLACK_S = [4, 6] as const
const LENGTH_S = 20
const LUMA = 'Luma'
const FIRST_BLACK = 100
const FIRST_SILENT = 250
/** Black may last longer, and silence is neither looked for nor judged. */
const LENIENT = `extends = "default"
[checks.V1]
min_duration_s = 5.0
[checks.A5]
state = "off"
[detectors.silence]
min_duration_s = 9.0
`

interface Kept {
  readonly revision: number
  readonly template: string
  readonly verdict: string | null
}

describe.skipIf(CHROMIUM === null)('an analysis laid beside others, exported, tried and deleted', () => {
  const here = world(['counter'])
  let one: Seat
  let video: string
  let strict: string
  let lenient: string

  beforeAll(async () => {
    one = await seat(here.browser, here.server, { viewport: { width: 1440, height: 1500 } })
    await signIn(one, here.server, here.mina)
    video = await bring(one, here.server, path.join(here.folder, NAME), NAME)
    strict = await analyse(one, here.server, video)
    lenient = await analyse(one, here.server, video, { template: 'lenient', template_source: LENIENT })
  }, 240_000)

  afterAll(() => one?.context.close())

  beforeEach(() => {
    keepLastLook(one.page)
    one.watch.errors.length = 0
    one.watch.expected.length = 0
  })

  const kept = (id: string) => api<Kept>(one, here.server, `/analyses/${id}`)

  async function opened(analysis: string): Promise<Page> {
    const { page } = one
    await page.goto(`${here.server.url}/videos/${video}?analysis=${analysis}`)
    await page.locator('video').first().waitFor()
    await page.getByRole('region', { name: qc('verdict'), exact: true }).waitFor()
    // From now on nothing above the lanes grows.
    await page.getByRole('button', { name: bar('export'), exact: true }).waitFor()
    return page
  }

  test('two analyses lie side by side, and a click on what only one found goes there', async () => {
    const page = await opened(strict)
    await page.getByRole('button', { name: bar('compare'), exact: true }).click()
    await page.getByRole('menuitem', { name: /lenient/ }).click()
    const view = page.getByRole('region', { name: compare('title') })
    await view.waitFor()
    const [a, b] = [view.locator('[data-side=a]').first(), view.locator('[data-side=b]').first()]
    await a.getByText('Fail', { exact: true }).waitFor()
    await b.getByText('Warning', { exact: true }).waitFor()
    await view.getByText(compare('differ', { count: 2 })).waitFor()
    const row = (id: string) => view.getByRole('row').filter({ has: page.getByText(id, { exact: true }) })
    const cells = (id: string) => row(id).getByRole('cell').allInnerTexts()
    const [before, after] = await cells('V1')
    expect(before).toMatch(/Fail[\s\S]*2 s/)
    expect(after).toMatch(/Pass[\s\S]*5 s/)
    expect((await cells('A5'))[1]).toBe(compare('notJudged'))

    const silence = view.getByRole('button', { name: /0:10\.00.*Silence/ })
    await silence.waitFor()
    await view.getByText(compare('nothingOnly')).waitFor()
    expect(await faultsOf(page)).toEqual([])

    await view.getByRole('button', { name: compare('swap') }).click()
    await a.getByText('Warning', { exact: true }).waitFor()
    await b.getByText('Fail', { exact: true }).waitFor()
    await view
      .locator('[data-side=b]')
      .getByRole('button', { name: /Silence/ })
      .click()
    await view.waitFor({ state: 'detached' })
    await page.locator('video').first().waitFor()
    await until(async () => (await shownNumber(page)) === FIRST_SILENT, 'the silence is gone to', 20_000)
    const asked = new URL(page.url()).searchParams
    expect([asked.get('analysis'), asked.get('beside')]).toEqual([strict, null])

    await page.goto(`${here.server.url}/videos/${video}?analysis=${strict}&beside=${lenient}`)
    await view.getByRole('button', { name: compare('stop') }).click()
    await page.locator('video').first().waitFor()
    one.watch.check()
  })

  test('every file that is offered is what it says', async () => {
    const page = await opened(strict)
    const item = (format: Format) => page.getByRole('menuitem', { name: bar(`${format}For`) })
    const rootOf = (text: string) =>
      page.evaluate((source) => {
        const read = new DOMParser().parseFromString(source, 'application/xml')
        return read.querySelector('parsererror') ? 'broken' : read.documentElement.localName
      }, text)
    const looks: Record<Exclude<Format, 'html'>, (content: Buffer) => Promise<void> | void> = {
      pdf: (content) => {
        expect(content.subarray(0, 5).toString()).toBe('%PDF-')
        expect(content.subarray(-8).toString()).toContain('%%EOF')
      },
      csv: (content) => {
        const [head, ...rows] = content.toString('utf8').replace('\ufeff', '').trim().split(/\r?\n/)
        const columns = (head as string).split(',').length
        expect(columns).toBeGreaterThan(4)
        expect(rows.some((row) => /black/i.test(row))).toBe(true)
      },
      json: (content) => {
        const read = JSON.parse(content.toString('utf8')) as { judgement: { verdict: string } }
        expect(read.judgement.verdict).toBe('fail')
      },
      vtt: (content) => expect(content.toString('utf8')).toMatch(/^WEBVTT\n[\s\S]*00:00:20\.000\n.*Black/),
      edl: (content) => expect(content.toString('utf8')).toMatch(/^TITLE:[\s\S]*\n0*1 /),
      otio: (content) => {
        const read = JSON.parse(content.toString('utf8')) as { OTIO_SCHEMA: string }
        expect(read.OTIO_SCHEMA).toMatch(/^Timeline\./)
      },
      fcp7: async (content) => expect(await rootOf(content.toString('utf8'))).toBe('xmeml'),
      junit: async (content) => expect(await rootOf(content.toString('utf8'))).toMatch(/^testsuites?$/),
      'ebu-xml': async (content) => expect(await rootOf(content.toString('utf8'))).not.toBe('broken'),
      qctools: async (content) => expect(await rootOf(gunzipSync(content).toString('utf8'))).toBe('ffprobe'),
    }
    const offered = formatsOf('qc').flatMap(({ formats }) => formats)
    expect(new Set(offered)).toEqual(new Set([...Object.keys(looks), 'html']))
    for (const format of offered) {
      await page.getByRole('button', { name: bar('export'), exact: true }).click()
      await item(format).waitFor()
      if (format === 'html') {
        const [popup] = await Promise.all([page.waitForEvent('popup'), item(format).click()])
        await popup.getByText(NAME).first().waitFor()
        expect(await popup.locator('html').getAttribute('lang')).toBe('en')
        await popup.close()
        await page.keyboard.press('Escape')
        continue
      }
      const [download] = await Promise.all([page.waitForEvent('download'), item(format).click()])
      expect(download.suggestedFilename()).toBe(fileName(NAME, 'default', format))
      await looks[format](await readFile(await download.path()))
      await page.getByText(bar('making')).waitFor({ state: 'detached' })
    }
    one.watch.check()
  })

  test('a file that cannot be made says so, and can be asked for again', async () => {
    const page = await opened(strict)
    one.watch.expected.push(/Failed to load resource/)
    const csv = `**/api/v1/analyses/${strict}/reports/csv**`
    await page.route(csv, (route) => route.abort('connectionrefused'))
    const ask = async () => {
      await page.getByRole('button', { name: bar('export'), exact: true }).click()
      await page.getByRole('menuitem', { name: bar('csvFor') }).click()
    }
    await ask()
    const told = page.getByRole('dialog', { name: bar('exportFailed') })
    await told.getByRole('alert').getByText(ui('unreachable')).waitFor()
    await page.keyboard.press('Escape')
    await told.waitFor({ state: 'detached' })
    await page.unroute(csv)
    const [download] = await Promise.all([page.waitForEvent('download'), ask()])
    expect(download.suggestedFilename()).toBe(fileName(NAME, 'default', 'csv'))
    one.watch.check()
  })

  test('another limit changes the verdict at once, and taking it back changes it back', async () => {
    const page = await opened(strict)
    const before = await kept(strict)
    expect(before.verdict).toBe('fail')
    await page.getByRole('button', { name: qc('tryOther') }).click()
    const trial = page.getByRole('region', { name: qc('trial'), exact: true })
    const verdict = page
      .getByRole('region', { name: qc('verdict'), exact: true })
      .getByRole('status')
      .first()
    const black = page
      .locator('li')
      .filter({ has: page.getByText('V1', { exact: true }) })
      .last()
    await black.getByRole('button', { expanded: false }).first().click()
    await black.getByRole('button', { name: qc('changeLimits') }).click()
    const limit = black.getByRole('textbox', { name: / \(s\)$/ })
    await limit.waitFor()
    expect(await limit.inputValue()).toBe('2')
    await limit.fill('5')
    await verdict.filter({ hasText: /Fail[\s\S]*Warning/ }).waitFor()
    await trial.getByText(qc('changes', { count: 1 })).waitFor()
    expect((await black.first().innerText()).replace(/\s+/g, ' ')).toContain('5 s')
    expect(await kept(strict)).toMatchObject(before)

    // The limit as it was: nothing is tried any more.
    await limit.fill('2')
    await verdict.filter({ hasText: /^\s*Fail\s*$/ }).waitFor()
    await trial.getByRole('button', { name: qc('keep') }).waitFor({ state: 'detached' })

    await limit.fill('7')
    await verdict.filter({ hasText: /Fail[\s\S]*Warning/ }).waitFor()
    await trial
      .getByRole('button', { name: qc('discard') })
      .last()
      .click()
    await trial.waitFor({ state: 'detached' })
    await verdict.filter({ hasText: /^\s*Fail\s*$/ }).waitFor()
    expect(await kept(strict)).toMatchObject(before)
    one.watch.check()
  })

  test('an analysis is deleted only after it was confirmed, and the video stays', async () => {
    const third = await analyse(one, here.server, video, { template: 'web-ad' })
    const page = await opened(third)
    const dialog = page.getByRole('dialog', { name: bar('removeTitle') })
    const ask = async () => {
      await page.getByRole('button', { name: bar('more'), exact: true }).click()
      await page.getByRole('menuitem', { name: bar('remove') }).click()
      await dialog.getByText(bar('removeWhy')).waitFor()
    }
    await ask()
    await dialog
      .getByRole('button', { name: ui('cancel'), exact: true })
      .last()
      .click()
    await dialog.waitFor({ state: 'detached' })
    expect((await kept(third)).template).toBe('web-ad')

    await ask()
    one.watch.expected.push(/404/)
    await dialog.getByRole('button', { name: bar('removeIt'), exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await until(() => !new URL(page.url()).searchParams.has('analysis'), 'the address names it no more')
    const gone = await page.request.get(`${here.server.url}/api/v1/analyses/${third}`)
    expect(gone.status()).toBe(404)
    // The newest that is left is shown instead.
    await page
      .getByRole('button', { name: bar('analyses') })
      .filter({ hasText: 'lenient' })
      .waitFor()
    await page.locator('video').first().waitFor()
    one.watch.check()
  })

  test('zoom and pan move every lane and the playhead together', async () => {
    const page = await opened(strict)
    const at = await onLanes(page)
    await page.mouse.click(at.x(5), at.y)
    await until(
      async () => (await shownNumber(page)) === FIRST_BLACK,
      'a click on an event goes to its first picture',
      20_000,
    )
    await page
      .getByRole('heading', { name: 'Black' })
      .or(page.getByText('Black', { exact: true }))
      .first()
      .waitFor()

    /** Waits until everything that is drawn stands where a view has it, and gives what a second is wide. */
    const together = async (what: string, isSo: (drawn: Drawn) => boolean) => {
      let last: Drawn | null = null
      await until(
        async () => {
          last = await drawnOn(page)
          return last !== null && isTogether(last) && isSo(last)
        },
        `${what}, and everything with it: ${JSON.stringify(last)}`,
        20_000,
      )
      return last as unknown as Drawn
    }
    const whole = await together('all of it is shown', () => true)
    await page.keyboard.press('+')
    const closer = await together('plus comes closer', (now) => widthOf(now) > widthOf(whole) * 1.4)
    await page.keyboard.press('-')
    await together('minus goes back', (now) => Math.abs(widthOf(now) - widthOf(whole)) < 3)
    await page.getByRole('button', { name: lanes('zoomIn'), exact: true }).click()
    await together('the button comes closer', (now) => Math.abs(widthOf(now) - widthOf(closer)) < 3)

    const part = page.getByRole('slider', { name: lanes('overview') })
    await part.press('ArrowRight')
    const moved = await together('an arrow pans', (now) => now.left < closer.left - 40)
    expect(Math.abs(widthOf(moved) - widthOf(closer))).toBeLessThan(3)
    await part.press('ArrowLeft')
    await together('and back', (now) => Math.abs(now.left - closer.left) < 3)

    const box = await laneBox(page)
    const [x, y] = [box.x + 500, at.y]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x - 30, y, { steps: 3 })
    await page.mouse.move(x - 120, y, { steps: 4 })
    await page.mouse.up()
    const dragged = await together('a drag pans', (now) => now.left < closer.left - 60)
    await page.keyboard.down('Shift')
    await page.mouse.wheel(0, -60)
    await page.keyboard.up('Shift')
    await together('Shift and the wheel pan', (now) => now.left > dragged.left + 30)

    await page.keyboard.press('z')
    const again = await together('Z shows everything', (now) => Math.abs(widthOf(now) - widthOf(whole)) < 3)
    await page.mouse.move(box.x + again.left, y)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -300)
    await page.keyboard.up('Control')
    // What is under the pointer stays there.
    await together(
      'Control and the wheel zoom',
      (now) => widthOf(now) > widthOf(again) * 1.3 && Math.abs(now.left - again.left) < 4,
    )
    one.watch.check()
  })

  test('a lane is hidden, stays hidden, and is shown again', async () => {
    const page = await opened(strict)
    await onLanes(page)
    const names = () => page.locator('ul > li[data-kind] > div:first-child > span').allInnerTexts()
    const before = await names()
    const name = LUMA
    expect(before).toContain(name)
    await page.getByRole('button', { name: lanes('laneMenu', { name }) }).click()
    await page.getByRole('menuitem', { name: lanes('remove', { name }) }).click()
    const rest = before.filter((other) => other !== name)
    await until(async () => String(await names()) === String(rest), 'the lane is gone')
    await page.reload()
    await onLanes(page)
    await until(async () => String(await names()) === String(rest), 'it stays away')

    await page.getByRole('button', { name: lanes('choose'), exact: true }).click()
    const box = page.getByRole('checkbox', { name, exact: true })
    await box.check()
    await until(async () => String(await names()) === String([...rest, name]), 'it comes back, as the last')
    await page.getByRole('button', { name: lanes('ofDesk') }).click()
    await until(async () => String(await names()) === String(before), 'the order of the desk is back')
    one.watch.check()
  })
})

/** The part of the page the lanes are drawn on. */
async function laneBox(page: Page) {
  const box = await page.getByRole('img', { name: lanes('canvas') }).boundingBox()
  if (!box) throw new Error('there are no lanes')
  return box
}

/** Waits for the lanes; where a second of the whole video lies on them, and how high the row of black. */
async function onLanes(page: Page) {
  await page.locator('[data-lanes-drawn]').first().waitFor()
  const box = await laneBox(page)
  const row = await page.locator('li[data-kind=events] ul li').filter({ hasText: 'Black' }).boundingBox()
  if (!row) throw new Error('there is no row of black')
  return { x: (second: number) => box.x + (second / LENGTH_S) * box.width, y: row.y + row.height / 2 }
}

/** What is drawn on the lanes, in pixels from their left side. */
interface Drawn {
  /** Where black begins and ends in its row. */
  readonly left: number
  readonly right: number
  /** Where the curve of brightness falls and rises. */
  readonly falls: number
  readonly rises: number
  /** Over the lanes and over the ruler. */
  readonly playheads: readonly number[]
  /** Where the strip of the whole video says that the lanes begin, in seconds. */
  readonly start: number
}

const widthOf = ({ left, right }: Drawn) => right - left

/** Whether all of it stands at the same places of time; the playhead is where black begins. */
function isTogether(now: Drawn): boolean {
  const start = BLACK_S[0] - (now.left / widthOf(now)) * (BLACK_S[1] - BLACK_S[0])
  const near = (a: number, b: number, by: number) => Math.abs(a - b) <= by
  return (
    near(now.falls, now.left, 4) &&
    near(now.rises, now.right, 4) &&
    now.playheads.every((at) => near(at, now.left, 3)) &&
    near(now.start, start, 0.1)
  )
}

/** Null while black is not wholly in sight, or something is not drawn yet. */
function drawnOn(page: Page): Promise<Drawn | null> {
  return page.evaluate(
    (names) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-lanes-drawn] canvas')
      const pen = canvas?.getContext('2d')
      const heads = [...document.querySelectorAll<HTMLElement>('li[data-kind]')]
      const row = [...document.querySelectorAll<HTMLElement>('li[data-kind=events] ul li')].find((one) =>
        one.textContent?.includes('Black'),
      )
      const luma = heads.find((head) => head.querySelector('span')?.textContent === names.luma)
      if (!canvas || !pen || !row || !luma) return null
      const { top, width } = canvas.getBoundingClientRect()
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height)
      const ratio = canvas.width / width
      const at = (x: number, y: number) => {
        const from = (Math.round(y * ratio) * canvas.width + x) * 4
        return [data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0] as const
      }
      const middle = (box: DOMRect) => box.top + box.height / 2 - top
      const isGround = (x: number, y: number) => at(x, y).every((part) => part > 245)

      // The chosen event has a frame of 3 pixels around it.
      const y = middle(row.getBoundingClientRect())
      const filled = Array.from({ length: canvas.width }, (_, x) => x).filter((x) => !isGround(x, y))
      const [left, right] = [(filled[0] ?? 0) + 3, (filled.at(-1) ?? 0) - 3]
      if (filled.length < 6 || left <= 3 || right >= canvas.width - 4) return null

      // The line of the mean is the reddest of its lane; it lies in the lower half only where the picture is black.
      const box = luma.getBoundingClientRect()
      const isLow = (x: number) => {
        const rows = Array.from({ length: Math.floor(box.height) - 2 }, (_, place) => place + 1)
        const red = rows.map((place) => {
          const [r, , b] = at(x, box.top - top + place)
          return r - b
        })
        return red.indexOf(Math.max(...red)) > box.height * 0.7
      }
      const low = Array.from({ length: canvas.width }, (_, x) => x).filter(isLow)
      const shift = (element: Element | null | undefined) =>
        element ? new DOMMatrix(getComputedStyle(element).transform).m41 : Number.NaN
      const part = document.querySelector(`[role=slider][aria-label="${names.overview}"]`)
      return {
        left: left / ratio,
        right: (right + 1) / ratio,
        falls: (low[0] ?? Number.NaN) / ratio,
        rises: ((low.at(-1) ?? Number.NaN) + 1) / ratio,
        playheads: [
          shift(canvas.parentElement?.querySelector(':scope > div')),
          shift(document.querySelector(`[role=slider][aria-label="${names.ruler}"] > div`)),
        ],
        start: (shift(part) / (part?.parentElement?.clientWidth ?? 1)) * names.length,
      }
    },
    { luma: LUMA, overview: lanes('overview'), ruler: lanes('ruler'), length: LENGTH_S },
  )
}
