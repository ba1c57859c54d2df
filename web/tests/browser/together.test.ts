import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { TEXT as FRAME } from '@/app/text'
import { TEXT as LIBRARY } from '@/features/library/text'
import { analyse, api, bring, CHROMIUM, seat, signIn, until } from './browser'
import { sayer, world } from './world'

const frame = sayer(FRAME)
const korean = sayer(LIBRARY, 'ko')
const framed = sayer(FRAME, 'ko')

describe.skipIf(CHROMIUM === null)('several people, both languages, no mouse, a server that dies', () => {
  const here = world(['counter', 'ntsc'])
  let video: string

  beforeAll(async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    video = await bring(one, here.server, path.join(here.folder, 'counter.mp4'), 'secret plans.mp4')
    await analyse(one, here.server, video)
    await one.context.close()
  }, 240_000)

  test('two people cannot see each other’s videos, by list, by address or by the API', async () => {
    const other = await seat(here.browser, here.server)
    other.watch.expected.push(/404/)
    await signIn(other, here.server, here.jun)
    await other.page.getByRole('heading', { name: sayer(LIBRARY)('welcome') }).waitFor()
    expect(await other.page.getByText('secret plans').count()).toBe(0)
    await other.page.goto(`${here.server.url}/videos/${video}`)
    await other.page.getByRole('alert').first().waitFor()
    expect(await other.page.getByText('secret plans').count()).toBe(0)
    expect((await other.page.request.get(`${here.server.url}/api/v1/videos/${video}`)).status()).toBe(404)
    expect((await other.page.request.get(`${here.server.url}/api/v1/videos/${video}/thumbnail`)).status()).toBe(404)
    other.watch.check()
    await other.context.close()
  })

  test('what one does the other, in the same workspace, sees without asking', async () => {
    const mina = await seat(here.browser, here.server)
    await signIn(mina, here.server, here.mina)
    await mina.page.getByText('secret plans').first().waitFor()
    const elsewhere = await seat(here.browser, here.server)
    await signIn(elsewhere, here.server, here.mina)
    await api(elsewhere, here.server, `/videos/${video}`, { name: 'published plans.mp4' }, 'PATCH')
    await mina.page.getByText('published plans').first().waitFor({ timeout: 15_000 })
    await api(elsewhere, here.server, `/videos/${video}`, { name: 'secret plans.mp4' }, 'PATCH')
    await mina.context.close()
    await elsewhere.context.close()
  })

  test('a Korean browser gets a Korean page, and what it chose stays', async () => {
    const one = await seat(here.browser, here.server, { locale: 'ko-KR' })
    await signIn(one, here.server, here.mina)
    await one.page.getByRole('heading', { name: korean('title'), exact: true }).waitFor()
    await one.page.goto(`${here.server.url}/videos/${video}`)
    await one.page.getByText('블랙').first().waitFor()
    const shown = await one.page.locator('body').innerText()
    // Names of files, units, keys and standards are the same in both; sentences are not.
    const english = shown
      .split('\n')
      .filter((line) => /\b(the|is|are|of|and|this)\b/.test(line) && !/[가-힣]/.test(line))
    expect(english).toEqual([])
    await one.page.getByText('EN', { exact: true }).click()
    await one.page.reload()
    await one.page.getByRole('link', { name: frame('library'), exact: true }).waitFor()
    await one.page.getByText('한국어', { exact: true }).first().click()
    await one.page.getByRole('link', { name: framed('library'), exact: true }).waitFor()
    // The choice is kept with the account, and the tests after this one read English.
    await api(one, here.server, '/account', { language: 'en' }, 'PATCH')
    await one.context.close()
  })

  test('everything on the way from the library to a finding can be done without a mouse', async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    await one.page.getByText('secret plans').first().waitFor()
    await one.page.keyboard.press('Tab')
    await one.page.keyboard.press('Enter')
    expect(await one.page.evaluate(() => document.activeElement?.id)).toBe('content')
    const isOn = (what: string) =>
      one.page.evaluate(
        (sought) => document.activeElement?.closest(sought) !== null && document.activeElement !== document.body,
        what,
      )
    await tabUntil(async () => isOn('[role=grid], [role=row], [role=gridcell], a[href*="/videos/"]'))
    await one.page.keyboard.press('Enter')
    await one.page.waitForURL(/\/videos\//)
    await one.page.locator('video').first().waitFor()
    await tabUntil(async () => isOn('table button'), 120)
    await one.page.keyboard.press('ArrowDown')
    await one.page.keyboard.press('Enter')
    await one.page.locator('table button[aria-current=true]').waitFor()
    one.watch.check()
    await one.context.close()

    async function tabUntil(is: () => Promise<boolean>, most = 60): Promise<void> {
      for (let count = 0; count < most; count += 1) {
        await one.page.keyboard.press('Tab')
        if (await is()) return
      }
      throw new Error('the keyboard does not reach it')
    }
  })

  test('a page stays useful when the server is killed in the middle of an analysis and comes back', async () => {
    const one = await seat(here.browser, here.server)
    one.watch.expected.push(/Failed to load resource|net::ERR|EventSource/)
    await signIn(one, here.server, here.mina, '/work')
    const ntsc = await bring(one, here.server, path.join(here.folder, 'ntsc.mp4'), 'long news.mp4')
    const made = await api<{ id: string }>(one, here.server, '/analyses', { video_id: ntsc })
    await one.page.getByText('long news.mp4').first().waitFor()
    await here.server.kill()
    await one.page.getByText(frame('lost')).waitFor()
    await here.server.start()
    await one.page.getByText(frame('lost')).waitFor({ state: 'detached', timeout: 30_000 })
    await until(
      async () => {
        const { state } = await api<{ state: string }>(one, here.server, `/analyses/${made.id}`)
        return state === 'done'
      },
      'the analysis goes on and ends',
      100_000,
    )
    await one.page.getByText('Done', { exact: true }).first().waitFor()
    one.watch.check()
    await one.context.close()
  })
})
