import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEXT as LIBRARY } from '@/features/library/text'
import { TEXT as UPLOADS } from '@/features/uploads/text'
import { analyse, api, bring, CHROMIUM, faultsOf, type Seat, seat, signIn, until } from './browser'
import { sayer, world } from './world'

const say = sayer(LIBRARY)
const adding = sayer(UPLOADS)
const BY_NAME = 'order=name&ascending=true'
const ALPHA = 'alpha news.mp4'
const BETA = 'beta trailer.mp4'
const GAMMA = 'gamma raw news.mp4'
const LOTS = [1, 2, 3, 4, 5].map((number) => `lot ${number}.mp4`)
const WITHIN = { timeout: 30_000 }

describe.skipIf(CHROMIUM === null)('the library', () => {
  const here = world(['short', 'wide'], { SIGHTLINE_FETCH_ALLOW: '127.0.0.1' })
  let short: Buffer
  /** Whoever is signed in: what the browser keeps of it. */
  let mina: BrowserContextOptions['storageState']
  let jun: BrowserContextOptions['storageState']
  let alpha: string
  let web: http.Server
  let site: string

  beforeAll(async () => {
    short = await readFile(path.join(here.folder, 'short.mp4'))
    web = http.createServer((request, answer) => {
      const known: Record<string, Buffer> = { '/far%20away.mp4': other(short, 90), '/page.mp4': Buffer.from('<html>') }
      const found = known[request.url ?? '']
      answer.writeHead(found ? 200 : 404, { 'Content-Type': found ? 'video/mp4' : 'text/plain' }).end(found)
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    site = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    const add = async (name: string, bytes: Buffer, tags: string[]) => {
      const file = path.join(here.folder, name)
      await writeFile(file, bytes)
      const id = await bring(one, here.server, file)
      await api(one, here.server, `/videos/${id}`, { tags }, 'PATCH')
      return id
    }
    alpha = await add(ALPHA, short, ['news', '봄'])
    const beta = await add(BETA, await readFile(path.join(here.folder, 'wide.mp4')), ['trailer'])
    await add(GAMMA, other(short, 1), ['news'])
    await Promise.all([analyse(one, here.server, alpha), analyse(one, here.server, beta)])
    mina = await one.context.storageState()
    await one.context.close()
    const two = await seat(here.browser, here.server)
    await signIn(two, here.server, here.jun)
    jun = await two.context.storageState()
    await two.context.close()
  }, 240_000)
  afterAll(async () => {
    await new Promise((resolve) => (web ? web.close(resolve) : resolve(null)))
  })

  async function opened(as: BrowserContextOptions['storageState'], at = '/'): Promise<Seat> {
    const one = await seat(here.browser, here.server, { storageState: as })
    await one.page.goto(here.server.url + at)
    await one.page.locator('main h1').waitFor()
    return one
  }

  describe('finding', () => {
    test('filters narrow the list, stand in the address, and come off one by one', async () => {
      const one = await opened(mina, `/?${BY_NAME}`)
      const { page } = one
      await lists(page, [ALPHA, BETA, GAMMA])
      const form = await filters(page)
      const choose = (
        group: 'verdict' | 'state' | 'desk' | 'resolution' | 'duration',
        name: Parameters<typeof say>[0],
      ) =>
        form
          .getByRole('group', { name: say(group), exact: true })
          .getByRole('button', { name: say(name), exact: true })
          .click()
      await choose('verdict', 'fail')
      await lists(page, [ALPHA])
      await choose('verdict', 'warn')
      await lists(page, [BETA])
      await choose('verdict', 'warn')
      await lists(page, [ALPHA, BETA, GAMMA])
      await choose('resolution', 'hd')
      await lists(page, [BETA])
      await choose('resolution', 'sd')
      await lists(page, [ALPHA, GAMMA])
      await choose('state', 'stateDone')
      await lists(page, [ALPHA])
      await choose('resolution', 'sd')
      await lists(page, [ALPHA, BETA])
      await choose('duration', 'underMinute')
      await lists(page, [ALPHA, BETA])
      await choose('desk', 'interview')
      await page.getByRole('heading', { name: say('nothing') }).waitFor()
      expect(await faultsOf(page)).toEqual([])
      await page.goBack()
      await lists(page, [ALPHA, BETA])
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: say('clearAll') }).click()
      await lists(page, [ALPHA, BETA, GAMMA])

      const again = await filters(page)
      await again.getByLabel(say('tags')).first().click()
      await page.getByRole('option', { name: /^news/ }).click()
      await lists(page, [ALPHA, GAMMA])
      await page.getByRole('option', { name: /^봄/ }).click()
      await lists(page, [ALPHA])
      await page.reload()
      await lists(page, [ALPHA])
      await page.getByRole('button', { name: say('takeOff', { text: say('tagPart', { text: '봄' }) }) }).click()
      await lists(page, [ALPHA, GAMMA])
      expect(new URL(page.url()).searchParams.get('tags')).toBe('["news"]')
      one.watch.check()
      await one.context.close()
    })

    test('a search looks at names, tags and findings, marks the words, and leads to the moment', async () => {
      const one = await opened(mina, `/?${BY_NAME}`)
      const { page } = one
      const field = page.getByRole('searchbox', { name: say('search') })
      const marked = () => page.getByRole('grid').locator('mark').allInnerTexts()
      await lists(page, [ALPHA, BETA, GAMMA])
      await page.keyboard.press('/')
      await page.keyboard.type('NEWS')
      await lists(page, [ALPHA, GAMMA])
      // In the name and in the tag of each.
      await expect.poll(marked, WITHIN).toEqual(['news', 'news', 'news', 'news'])
      await field.fill('raw news')
      await lists(page, [GAMMA])
      await field.fill('봄')
      await lists(page, [ALPHA])
      await expect.poll(marked, WITHIN).toEqual(['봄'])
      await field.fill('no such thing')
      await page.getByRole('heading', { name: say('nothing') }).waitFor()
      await field.fill('black')
      await lists(page, [ALPHA])
      await expect.poll(marked, WITHIN).toEqual(['Black'])
      await page.waitForURL(/[?&]q=black/)
      await page.reload()
      await lists(page, [ALPHA])
      expect(await field.inputValue()).toBe('black')
      await page.getByRole('grid').getByRole('link', { name: 'Black' }).click()
      await page.waitForURL((url) => url.pathname === `/videos/${alpha}` && url.searchParams.get('t') === '2')
      await page.goBack()
      await lists(page, [ALPHA])
      await page.getByRole('button', { name: say('clearSearch') }).click()
      await lists(page, [ALPHA, BETA, GAMMA])
      one.watch.check()
      await one.context.close()
    })

    test('the order is what was asked for, in the grid and in the list, and stays', async () => {
      const one = await opened(mina)
      const { page } = one
      // The latest first.
      await lists(page, [GAMMA, BETA, ALPHA])
      await page
        .getByRole('textbox', { name: say('sort') })
        .or(page.getByRole('combobox', { name: say('sort') }))
        .click()
      await page.getByRole('option', { name: say('name'), exact: true }).click()
      await page.getByRole('button', { name: `${say('sort')}: ${say('descending')}` }).click()
      await lists(page, [ALPHA, BETA, GAMMA])
      await page.getByRole('button', { name: `${say('view')}: ${say('asList')}` }).click()
      const head = (name: 'duration_s' | 'name') =>
        page.getByRole('columnheader').filter({ has: page.getByRole('button', { name: say(name), exact: true }) })
      await head('duration_s').getByRole('button').click()
      await expect.poll(async () => (await names(page))[2], WITHIN).toBe(BETA)
      await head('duration_s').getByRole('button').click()
      await expect.poll(async () => (await names(page))[0], WITHIN).toBe(BETA)
      expect(await head('duration_s').getAttribute('aria-sort')).toBe('ascending')
      await head('name').getByRole('button').click()
      await lists(page, [ALPHA, BETA, GAMMA])
      await page.reload()
      await lists(page, [ALPHA, BETA, GAMMA])
      expect(await head('name').getAttribute('aria-sort')).toBe('ascending')
      expect(await faultsOf(page)).toEqual([])
      one.watch.check()
      await one.context.close()
    })

    test('a search is saved, found after a reload, applied, renamed and removed', async () => {
      const one = await opened(mina, `/?q=news&${BY_NAME}`)
      const { page } = one
      const open = async () => {
        await page.getByRole('button', { name: say('saved') }).click()
        return page.getByRole('dialog', { name: say('saved') })
      }
      const kept = async () => {
        const { items } = await api<{ items: { name: string }[] }>(one, here.server, '/saved-searches')
        return items.map(({ name }) => name)
      }
      await lists(page, [ALPHA, GAMMA])
      const first = await open()
      await first.getByLabel(say('saveThis')).fill('the news')
      await first.getByRole('button', { name: say('save'), exact: true }).click()
      await first.getByRole('button', { name: 'the news', exact: true }).waitFor()
      await page.goto(here.server.url)
      await lists(page, [GAMMA, BETA, ALPHA])
      const second = await open()
      await second.getByRole('button', { name: 'the news', exact: true }).click()
      await lists(page, [ALPHA, GAMMA])
      await page.waitForURL((url) => url.searchParams.get('q') === 'news' && url.searchParams.get('order') === 'name')
      const third = await open()
      await third.getByRole('button', { name: say('renameSaved', { name: 'the news' }) }).click()
      await third.getByLabel(say('saveName'), { exact: true }).fill('아침 뉴스')
      await third.getByLabel(say('saveName'), { exact: true }).press('Enter')
      await third.getByRole('button', { name: '아침 뉴스', exact: true }).waitFor()
      expect(await kept()).toEqual(['아침 뉴스'])
      expect(await faultsOf(page)).toEqual([])
      await third.getByRole('button', { name: say('dropSaved', { name: '아침 뉴스' }) }).click()
      await third.getByRole('button', { name: '아침 뉴스', exact: true }).waitFor({ state: 'detached' })
      expect(await kept()).toEqual([])
      one.watch.check()
      await one.context.close()
    })

    test('an earlier verdict stays in the list while a newer analysis is at work', async () => {
      const one = await seat(here.browser, here.server, { storageState: mina })
      const { page } = one
      // As the server tells it then; how long an analysis takes is not for a test to rely on.
      await page.route(/\/api\/v1\/videos\?/, async (route) => {
        const answer = await route.fetch()
        const list = (await answer.json()) as { items: { analyses: object[] }[] }
        for (const video of list.items) {
          const [done] = video.analyses
          if (done) video.analyses.unshift({ ...done, id: 'f'.repeat(32), state: 'running', verdict: null })
        }
        await route.fulfill({ response: answer, json: list })
      })
      await page.goto(`${here.server.url}/?verdict=fail`)
      await lists(page, [ALPHA])
      await page.getByRole('progressbar', { name: say('progressOf', { name: ALPHA }) }).waitFor()
      await page.getByTitle(say('held')).getByText(say('fail'), { exact: true }).waitFor()
      expect(await faultsOf(page)).toEqual([])
      one.watch.check()
      await one.context.close()
    })

    test('moving over a thumbnail shows the picture of that moment', async () => {
      const one = await opened(mina, `/?verdict=fail`)
      const { page } = one
      const thumb = page.getByRole('slider', { name: say('scrub', { name: ALPHA }) })
      await thumb.waitFor()
      const box = (await thumb.boundingBox()) as { x: number; y: number; width: number; height: number }
      const over = (share: number) => page.mouse.move(box.x + share * box.width, box.y + box.height / 3)
      await page.mouse.move(0, 0)
      // Pictures 50 to 100 of 150 are black.
      for (const [share, isBlack] of [
        [0.1, false],
        [0.5, true],
        [0.9, false],
      ] as const) {
        await until(
          async () => {
            // Once more and a little aside: the sheet comes when the pointer has rested.
            await over(share - 0.01)
            await over(share)
            const time = await thumb.locator('[data-clock]').getAttribute('data-looking')
            return time !== null && (await brightness(page, thumb)) < 30 === isBlack
          },
          `at ${share} of the width the picture is ${isBlack ? 'black' : 'not black'}`,
          30_000,
        )
      }
      await page.mouse.move(0, 0)
      await until(async () => (await thumb.locator('[data-looking]').count()) === 0, 'the still is back')
      one.watch.check()
      await one.context.close()
    })
  })

  describe('doing something with many', () => {
    const chosen = (page: Page) =>
      page.getByRole('grid').evaluate((grid) => grid.querySelectorAll('[aria-selected=true]').length)
    const bar = (page: Page, count: number) => page.getByRole('region', { name: say('selected', { count }) })

    /** Five videos of this test alone, and the list of them. */
    async function lot(tag: string): Promise<Seat & { ids: readonly string[] }> {
      const one = await seat(here.browser, here.server, { storageState: jun })
      const ids: string[] = []
      for (const [index, name] of LOTS.entries()) {
        const file = path.join(here.folder, name)
        await writeFile(
          file,
          other(
            short,
            [...tag].reduce((sum, sign) => sum * 7 + sign.charCodeAt(0), index),
          ),
        )
        const id = await bring(one, here.server, file)
        await api(one, here.server, `/videos/${id}`, { tags: [tag] }, 'PATCH')
        ids.push(id)
      }
      await one.page.goto(`${here.server.url}/?tags=${encodeURIComponent(JSON.stringify([tag]))}&${BY_NAME}`)
      await lists(one.page, LOTS)
      return { ...one, ids }
    }
    const tagsOf = async (one: Seat, id: string) =>
      (await api<{ tags: string[] }>(one, here.server, `/videos/${id}`)).tags

    test('videos are selected by mouse and by keyboard, one by one, as a range and all', async () => {
      const one = await lot('picked')
      const { page } = one
      const selects = (count: number) => expect.poll(() => chosen(page), WITHIN).toBe(count)
      const tick = (index: number) =>
        page.getByRole('checkbox', { name: say('select', { name: LOTS[index] as string }) })
      const cell = (index: number) => page.locator(`[data-index="${index}"]`)
      await tick(0).click()
      await selects(1)
      await cell(2).click({ modifiers: ['Shift'] })
      await selects(3)
      await cell(1).click({ modifiers: ['ControlOrMeta'] })
      await selects(2)
      await bar(page, 2).waitFor()
      expect(await faultsOf(page)).toEqual([])
      await bar(page, 2)
        .getByRole('button', { name: say('selectAll', { n: 5 }) })
        .click()
      await selects(5)
      await bar(page, 5)
        .getByRole('button', { name: say('clear') })
        .click()
      await selects(0)

      await cell(1).focus()
      await page.keyboard.press('Space')
      await selects(1)
      await page.keyboard.press('Shift+ArrowRight')
      await selects(2)
      await expect.poll(() => page.evaluate(() => document.activeElement?.id), WITHIN).toBe('video-at-2')
      await page.keyboard.press('Shift+ArrowRight')
      await selects(3)
      await expect.poll(() => page.evaluate(() => document.activeElement?.id), WITHIN).toBe('video-at-3')
      await page.keyboard.press('Space')
      await selects(2)
      await page.keyboard.press('ControlOrMeta+a')
      await selects(5)
      await page.keyboard.press('Escape')
      await selects(0)
      // What is not shown any more is not selected any more.
      await tick(0).click()
      await selects(1)
      await page.getByRole('searchbox').fill('lot')
      await selects(0)
      one.watch.check()
      await one.context.close()
    })

    test('tags of several are changed, and who could not be is named with the reason', async () => {
      const one = await lot('tagged')
      const { page, ids } = one
      const full = Array.from({ length: 50 }, (_, number) => `tag ${number}`)
      await api(one, here.server, `/videos/${ids[1]}`, { tags: ['tagged', ...full.slice(1)] }, 'PATCH')
      await page.getByRole('checkbox', { name: say('select', { name: LOTS[0] as string }) }).click()
      await page.getByRole('checkbox', { name: say('select', { name: LOTS[1] as string }) }).click()
      await bar(page, 2)
        .getByRole('button', { name: say('addTags') })
        .click()
      const dialog = page.getByRole('dialog', { name: say('addTagsTitle', { count: 2 }) })
      await dialog.getByLabel(say('tags'), { exact: true }).first().fill('summer')
      await page.keyboard.press('Enter')
      await dialog.getByRole('button', { name: say('addTags') }).click()
      const told = page.getByRole('dialog', { name: say('partly', { count: 1 }) })
      await told.getByText(LOTS[1] as string).waitFor()
      await told.getByText(/50/).waitFor()
      expect(await told.getByText(LOTS[0] as string).count()).toBe(0)
      await told
        .getByRole('button', { name: say('close') })
        .last()
        .click()
      await page.getByText(say('tagged', { count: 1 })).waitFor()
      expect(await tagsOf(one, ids[0] as string)).toEqual(['summer', 'tagged'])
      expect(await tagsOf(one, ids[1] as string)).not.toContain('summer')
      await page.getByRole('grid').getByText('summer', { exact: true }).waitFor()

      await bar(page, 2)
        .getByRole('button', { name: say('removeTags') })
        .click()
      const off = page.getByRole('dialog', { name: say('removeTagsTitle', { count: 2 }) })
      await off.getByLabel(say('tags'), { exact: true }).first().fill('summer')
      await page.keyboard.press('Enter')
      await off.getByRole('button', { name: say('removeTags') }).click()
      await page.getByText(say('tagged', { count: 2 })).waitFor()
      expect(await tagsOf(one, ids[0] as string)).toEqual(['tagged'])
      one.watch.check()
      await one.context.close()
    })

    test('several are analysed, and several are deleted once it was confirmed', async () => {
      const one = await lot('gone')
      const { page, ids } = one
      // What was just deleted may be asked for once more before the list has heard of it.
      one.watch.expected.push(/404/)
      await page.getByRole('checkbox', { name: say('select', { name: LOTS[0] as string }) }).click()
      await page.locator('[data-index="1"]').click({ modifiers: ['Shift'] })
      await bar(page, 2)
        .getByRole('button', { name: say('analyse') })
        .click()
      const asked = page.getByRole('dialog', { name: say('analyseTitle', { count: 2 }) })
      await asked.getByRole('button', { name: say('analyseDo'), exact: true }).click()
      await page.getByText(say('queued', { count: 2 })).waitFor()
      for (const id of ids.slice(0, 3)) {
        const { items } = await api<{ items: unknown[] }>(one, here.server, `/analyses?video_id=${id}`)
        expect(items.length).toBe(id === ids[2] ? 0 : 1)
      }

      // What was queued is chosen no more.
      await page.getByRole('checkbox', { name: say('select', { name: LOTS[1] as string }) }).click()
      await page.locator('[data-index="2"]').click({ modifiers: ['Shift'] })
      await bar(page, 2)
        .getByRole('button', { name: say('remove') })
        .click()
      const confirm = page.getByRole('dialog', { name: say('removeTitle', { count: 2 }) })
      await confirm.getByText(say('removeWhat')).waitFor()
      expect(await confirm.getByRole('listitem').allInnerTexts()).toEqual(LOTS.slice(1, 3))
      await confirm
        .getByRole('button', { name: say('cancel'), exact: true })
        .last()
        .click()
      await confirm.waitFor({ state: 'detached' })
      await lists(page, LOTS)
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.closest('[role=grid],section') !== null), WITHIN)
        .toBe(true)
      await page.locator('[data-index="2"]').focus()
      await page.keyboard.press('Delete')
      await confirm.getByRole('button', { name: say('removeDo', { count: 2 }) }).click()
      await lists(page, [LOTS[0], LOTS[3], LOTS[4]] as string[])
      await page.getByText(say('removed', { count: 2 })).waitFor()
      for (const [index, id] of ids.entries()) {
        const answer = await page.request.get(`${here.server.url}/api/v1/videos/${id}`)
        expect(answer.status(), LOTS[index]).toBe(index === 1 || index === 2 ? 404 : 200)
      }
      one.watch.check()
      await one.context.close()
    })
  })

  describe('bringing in', () => {
    const dialog = (page: Page) => page.getByRole('dialog', { name: adding('add') })
    const tray = (page: Page) => page.getByRole('region', { name: adding('tray') })
    /** Adds what the window shows, without an analysis after it; the window goes when all was taken. */
    async function send(page: Page, count = 1, isTaken = true): Promise<void> {
      await dialog(page).getByText(adding('none'), { exact: true }).click()
      await dialog(page)
        .getByRole('button', { name: adding('send', { count }) })
        .click()
      if (isTaken) await dialog(page).waitFor({ state: 'detached' })
    }
    async function drag(page: Page, type: string, files: readonly { name: string; type: string; bytes: string }[]) {
      return page.evaluate(
        ({ type, files }) => {
          const dragged = new DataTransfer()
          for (const { name, type, bytes } of files) {
            const content = Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))
            dragged.items.add(new File([content], name, { type, lastModified: 0 }))
          }
          const how = { bubbles: true, cancelable: true, dataTransfer: dragged }
          return document.querySelector('main')?.dispatchEvent(new DragEvent(type, how)) === false
        },
        { type, files },
      )
    }

    test('a file dropped on any page is sent, and what is no video is refused in words', async () => {
      const one = await opened(jun, '/work')
      const { page } = one
      const [workspace] = (await api<{ items: { name: string }[] }>(one, here.server, '/workspaces')).items
      const overlay = page.getByText(adding('drop', { workspace: workspace?.name ?? '' }))
      const film = { name: 'dropped.mp4', type: 'video/mp4', bytes: other(short, 70).toString('base64') }
      const notes = { name: 'notes.txt', type: 'text/plain', bytes: btoa('no video') }
      await drag(page, 'dragenter', [film])
      await overlay.waitFor()
      await drag(page, 'dragleave', [film])
      await overlay.waitFor({ state: 'detached' })
      await drag(page, 'dragenter', [film])
      await overlay.waitFor()
      // Taken by the page: the browser would leave it for the file otherwise.
      expect(await drag(page, 'dragover', [film])).toBe(true)
      expect(await drag(page, 'drop', [film, notes])).toBe(true)
      await overlay.waitFor({ state: 'detached' })
      const refused = dialog(page).getByRole('listitem').filter({ hasText: 'notes.txt' })
      await refused.getByText(adding('kind')).waitFor()
      expect(await faultsOf(page)).toEqual([])
      await send(page)
      await tray(page).getByRole('link', { name: 'dropped.mp4' }).waitFor()
      await page.getByRole('link', { name: 'Library', exact: true }).click()
      await expect.poll(() => names(page), WITHIN).toContain('dropped.mp4')
      const { items } = await api<{ items: { name: string }[] }>(one, here.server, '/uploads')
      expect(items.map(({ name }) => name)).not.toContain('notes.txt')
      one.watch.check()
      await one.context.close()
    })

    test('a folder dragged in from outside gives every film in it', async () => {
      const folder = path.join(here.folder, 'reel')
      await mkdir(path.join(folder, 'inner'), { recursive: true })
      await writeFile(path.join(folder, 'first.mp4'), other(short, 71))
      await writeFile(path.join(folder, 'inner', 'second.mp4'), other(short, 72))
      await writeFile(path.join(folder, 'Thumbs.db'), 'litter')
      const one = await opened(jun, '/settings')
      const { page } = one
      // As the browser itself drags: with a folder only it can make.
      const hand = await one.context.newCDPSession(page)
      const data = { items: [], files: [folder], dragOperationsMask: 1 }
      const move = (type: 'dragEnter' | 'dragOver' | 'drop') =>
        hand.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data })
      await move('dragEnter')
      await until(async () => {
        await move('dragOver')
        return (await page.getByText(adding('dropWhat')).count()) > 0
      }, 'it is said what a drop does')
      await move('dragOver')
      await move('drop')
      await dialog(page).getByText('second.mp4').waitFor()
      expect(await dialog(page).getByText('Thumbs.db').count()).toBe(0)
      await send(page, 2)
      for (const name of ['first.mp4', 'second.mp4']) await tray(page).getByRole('link', { name }).waitFor()
      one.watch.check()
      await one.context.close()
    })

    test('a pasted address is fetched by the server, and a refused one says what to do', async () => {
      const one = await opened(jun)
      const { page } = one
      await one.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: here.server.url })
      const paste = async (text: string) => {
        await page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
        await page.keyboard.press('ControlOrMeta+v')
        await dialog(page).waitFor()
      }
      const row = (name: string) => tray(page).getByRole('listitem').filter({ hasText: name })
      await paste(`${site}/far%20away.mp4`)
      expect(await dialog(page).getByLabel(adding('urls')).inputValue()).toBe(`${site}/far%20away.mp4`)
      await send(page)
      await row('far away.mp4').getByText(adding('done')).waitFor()
      await tray(page)
        .getByText(adding('trayOf', { done: 1, count: 1 }))
        .waitFor()
      await expect.poll(() => names(page), WITHIN).toContain('far away.mp4')

      // Inside the network: only the operator can allow it, and by what is said.
      await paste(site.replace('127.0.0.1', '127.0.0.2'))
      await send(page)
      await row('127.0.0.2').getByText('127.0.0.2 is not on the public internet', { exact: false }).waitFor()
      await row('127.0.0.2').getByText('fetch_allow', { exact: false }).waitFor()
      await paste(`${site}/none.mp4`)
      await send(page)
      await row('none.mp4').getByText('404', { exact: false }).waitFor()
      await paste(`${site}/page.mp4`)
      await send(page)
      await row('page.mp4').locator('[data-tone=fail]').waitFor()

      // Nobody answers now: it is tried again, and meanwhile one knows why it lasts.
      await paste('http://127.0.0.1:1/later.mp4')
      await send(page)
      await row('later.mp4').getByText('is tried again by itself').waitFor()

      // What can be seen to be wrong is said where it is typed, and the address stays to be mended.
      one.watch.expected.push(/422/)
      await paste('https://mina:secret@example.org/a.mp4')
      await send(page, 1, false)
      await dialog(page).getByRole('alert').getByText('Use a signed address', { exact: false }).waitFor()
      const field = dialog(page).getByLabel(adding('urls'))
      expect(await field.inputValue()).toBe('https://mina:secret@example.org/a.mp4')
      await field.fill('not-an-address')
      await dialog(page)
        .getByText(adding('urlsWrong', { text: 'not-an-address' }))
        .waitFor()
      expect(
        await dialog(page)
          .getByRole('button', { name: adding('sendNone'), exact: true })
          .isDisabled(),
      ).toBe(true)
      expect(await faultsOf(page)).toEqual([])
      one.watch.check()
      await one.context.close()
    })
  })
})

/** Names in the list, in its order. */
function names(page: Page): Promise<string[]> {
  return page
    .getByRole('grid')
    .evaluateAll((grids) =>
      grids.flatMap((grid) =>
        [...grid.querySelectorAll<HTMLElement>('[data-index]')]
          .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
          .map((cell) => cell.querySelector<HTMLElement>('a[title]')?.title ?? ''),
      ),
    )
}

async function lists(page: Page, wanted: readonly string[]): Promise<void> {
  await expect.poll(() => names(page), WITHIN).toEqual(wanted)
}

async function filters(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: say('filters'), exact: true }).click()
  const form = page.getByRole('dialog', { name: say('filters') })
  await form.getByRole('group').first().waitFor()
  return form
}

/** The mean brightness of what is seen of an element: 0 is black, 255 white. */
async function brightness(page: Page, of: Locator): Promise<number> {
  const picture = (await of.screenshot()).toString('base64')
  return page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d') as OffscreenCanvasRenderingContext2D
    pen.drawImage(bitmap, 0, 0)
    const { data } = pen.getImageData(0, 0, bitmap.width, bitmap.height)
    return data.filter((_, index) => index % 4 === 1).reduce((sum, green) => sum + green, 0) / (data.length / 4)
  }, picture)
}

/** The same pictures in other bytes: to the library another video. */
function other(video: Buffer, number: number): Buffer {
  const box = Buffer.alloc(16)
  box.writeUInt32BE(16)
  box.write('free', 4)
  box.writeUInt32BE(number, 8)
  return Buffer.concat([video, box])
}
