import path from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { TEXT as BAR } from '@/features/video/judgement/bar/text'
import { TEXT as QC } from '@/features/video/judgement/qc/text'
import { TEXT as LANES } from '@/features/video/lanes/text'
import { analyse, api, bring, CHROMIUM, faultsOf, seat, shownNumber, signIn, until } from './browser'
import { sayer, world } from './world'

const lanes = sayer(LANES)
const qc = sayer(QC)
const bar = sayer(BAR)
const FIRST_BLACK = 100
const SILENT_FROM_S = 10

describe.skipIf(CHROMIUM === null)('the page of a video', () => {
  const here = world(['counter', 'ntsc'])
  let video: string
  let analysis: string
  let ntsc: string

  beforeAll(async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina)
    video = await bring(one, here.server, path.join(here.folder, 'counter.mp4'))
    ntsc = await bring(one, here.server, path.join(here.folder, 'ntsc.mp4'))
    analysis = await analyse(one, here.server, video)
    await analyse(one, here.server, ntsc)
    await one.context.close()
  }, 240_000)

  async function opened(id = video) {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina, `/videos/${id}`)
    await one.page.locator('video').first().waitFor()
    await findings(one.page).first().waitFor()
    return one
  }

  /** The list of findings: every one has a button. */
  const findings = (page: Page) => page.getByRole('table', { name: lanes('list') }).getByRole('button')

  test.each(['counter', 'ntsc'])('a click on a finding shows its very first picture: %s', async (kind) => {
    const one = await opened(kind === 'ntsc' ? ntsc : video)
    await findings(one.page).filter({ hasText: 'Black' }).first().click()
    await until(async () => (await shownNumber(one.page)) === FIRST_BLACK, `picture ${FIRST_BLACK} is shown`, 15_000)
    one.watch.check()
    await one.context.close()
  })

  test('steps go from picture to picture, without leaving one out or showing one twice', async () => {
    const one = await opened(ntsc)
    await findings(one.page).filter({ hasText: 'Black' }).first().click()
    await until(async () => (await shownNumber(one.page)) === FIRST_BLACK, 'the finding is shown', 15_000)
    // In the list of findings the arrows go through the list.
    await one.page.evaluate(() => (document.activeElement as HTMLElement).blur())
    const seen: number[] = []
    for (let step = 0; step < 6; step += 1) {
      await one.page.keyboard.press('ArrowRight')
      await until(
        async () => (await shownNumber(one.page)) !== (seen.at(-1) ?? FIRST_BLACK),
        'the next picture',
        10_000,
      )
      seen.push(await shownNumber(one.page))
    }
    expect(seen).toEqual([101, 102, 103, 104, 105, 106])
    await one.page.keyboard.press('ArrowLeft')
    await until(async () => (await shownNumber(one.page)) === 105, 'one back', 10_000)
    await one.context.close()
  })

  test('a moment in the address is where the player is', async () => {
    const one = await seat(here.browser, here.server)
    await signIn(one, here.server, here.mina, `/videos/${video}?t=8.2`)
    await one.page.locator('video').first().waitFor()
    await until(async () => (await shownNumber(one.page)) === 205, 'picture 205', 20_000)
    await one.context.close()
  })

  test('the keys of editing programs work: shuttle, stop, marks', async () => {
    const one = await opened()
    const time = () => one.page.evaluate(() => (document.querySelector('video') as HTMLVideoElement).currentTime)
    const rate = () => one.page.evaluate(() => (document.querySelector('video') as HTMLVideoElement).playbackRate)
    await one.page.keyboard.press('Home')
    await one.page.keyboard.press('l')
    await until(async () => (await time()) > 0.3, 'it plays', 15_000)
    await one.page.keyboard.press('l')
    await until(async () => (await rate()) === 2, 'twice as fast', 10_000)
    await one.page.keyboard.press('k')
    const stopped = await time()
    await new Promise((done) => setTimeout(done, 500))
    expect(Math.abs((await time()) - stopped)).toBeLessThan(0.2)
    await one.page.keyboard.press('j')
    await until(async () => (await time()) < stopped, 'it goes backwards', 15_000)
    await one.page.keyboard.press('k')
    one.watch.check()
    await one.context.close()
  })

  test('another template is tried without keeping it, and the verdict is seen at once', async () => {
    const one = await opened()
    const before = await api<{ revision: number }>(one, here.server, `/analyses/${analysis}`)
    await one.page.getByRole('button', { name: qc('tryOther') }).click()
    const trial = one.page.getByRole('region', { name: qc('trial') })
    const box = trial
      .getByRole('combobox', { name: qc('template') })
      .or(trial.getByLabel(qc('template')))
      .first()
    await box.click()
    const [answer] = await Promise.all([
      one.page.waitForResponse((response) => response.url().endsWith(`/analyses/${analysis}/judgement`)),
      one.page
        .getByRole('option', { name: /EBU R 128/ })
        .first()
        .click(),
    ])
    expect(answer.ok()).toBe(true)
    await trial.getByRole('button', { name: qc('keep') }).waitFor()
    const after = await api<{ revision: number; template: string }>(one, here.server, `/analyses/${analysis}`)
    expect(after.revision).toBe(before.revision)
    await trial.getByRole('button', { name: qc('keep') }).click()
    await until(async () => {
      const kept = await api<{ template: string }>(one, here.server, `/analyses/${analysis}`)
      return kept.template === 'ebu-r128'
    }, 'the other judgement is kept')
    one.watch.check()
    await one.context.close()
  })

  test('a check is waived with who and why, and the waiver is taken back', async () => {
    const one = await opened()
    const failing = one.page
      .locator('li')
      .filter({ hasText: 'Warning' })
      .getByRole('button', { expanded: false })
      .first()
    await failing.click()
    await one.page
      .getByRole('button', { name: qc('waive'), exact: true })
      .first()
      .click()
    const dialog = one.page.getByRole('dialog')
    expect(await dialog.getByLabel(qc('who')).inputValue()).not.toBe('')
    await dialog.getByRole('button', { name: qc('saveWaiver'), exact: true }).click()
    await dialog.getByText(qc('missing')).waitFor()
    await dialog.getByLabel(qc('reason')).fill('agreed with the client')
    await dialog.getByRole('button', { name: qc('saveWaiver'), exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    const waived = await api<{ waivers: { why: string }[] }>(one, here.server, `/analyses/${analysis}`)
    expect(waived.waivers.map(({ why }) => why)).toEqual(['agreed with the client'])
    // The check has gone to the waived ones, folded.
    const waivedOne = one.page
      .locator('li')
      .filter({ hasText: 'agreed' })
      .or(one.page.locator('li').filter({ hasText: 'Waived' }))
    await waivedOne.getByRole('button', { expanded: false }).first().click()
    await one.page
      .getByRole('button', { name: qc('takeBack') })
      .first()
      .click()
    await until(async () => {
      const now = await api<{ waivers: unknown[] }>(one, here.server, `/analyses/${analysis}`)
      return now.waivers.length === 0
    }, 'the waiver is gone')
    one.watch.check()
    await one.context.close()
  })

  test('a share link shows the analysis in another profile, and nothing else, until it is revoked', async () => {
    const one = await opened()
    await one.page.getByRole('button', { name: bar('share'), exact: true }).click()
    const dialog = one.page.getByRole('dialog')
    await dialog.getByRole('button', { name: bar('makeLink') }).click()
    const url = await dialog.getByLabel(bar('link'), { exact: true }).inputValue()

    const guest = await seat(here.browser, here.server)
    await guest.page.goto(url)
    await guest.page.waitForURL(/\/s\//)
    await findings(guest.page).filter({ hasText: 'Black' }).first().click()
    await until(async () => (await shownNumber(guest.page)) === FIRST_BLACK, 'the guest sees the finding', 20_000)
    for (const name of [qc('waive'), bar('share'), bar('create'), qc('tryOther')]) {
      expect(await guest.page.getByRole('button', { name, exact: true }).count(), name).toBe(0)
    }
    expect((await guest.page.request.get(`${here.server.url}/api/v1/videos?as=share`)).status()).toBe(403)
    expect((await guest.page.request.get(`${here.server.url}/api/v1/videos/${ntsc}?as=share`)).status()).toBe(404)
    expect(await faultsOf(guest.page)).toEqual([])
    guest.watch.check()

    await dialog
      .getByRole('button', { name: /Revoke/ })
      .first()
      .click()
    await until(async () => {
      const answer = await guest.page.request.get(`${here.server.url}/api/v1/analyses/${analysis}?as=share`)
      return answer.status() === 401
    }, 'the link has ended')
    await guest.context.close()
    await one.context.close()
  })

  test('the page of a video has no faults of access, in both schemes and on a phone', async () => {
    const one = await opened()
    expect(await faultsOf(one.page)).toEqual([])
    await one.page.emulateMedia({ colorScheme: 'dark' })
    expect(await faultsOf(one.page)).toEqual([])
    await one.page.setViewportSize({ width: 390, height: 844 })
    await one.page.waitForTimeout(300)
    expect(await faultsOf(one.page)).toEqual([])
    const wide = await one.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
    await one.context.close()
  })

  test('sound that was made silent is found where it is', async () => {
    const one = await opened()
    await findings(one.page).filter({ hasText: 'Silence' }).first().click()
    // The film may still be loading; where it was asked to go is gone to then.
    const at = () => one.page.evaluate(() => (document.querySelector('video') as HTMLVideoElement).currentTime)
    await until(
      async () => Math.abs((await at()) - SILENT_FROM_S) < 0.1,
      'the player is where the silence begins',
      20_000,
    )
    await one.context.close()
  })
})
