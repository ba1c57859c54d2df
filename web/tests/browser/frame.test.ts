import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, faultsOf, launch, seat, signIn } from './browser'
import { type Person, Server } from './server'

describe.skipIf(CHROMIUM === null)('the frame of the page', () => {
  let browser: Browser
  let server: Server
  let folder: string
  let mina: Person

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clips-'))
    ;[browser, server] = await Promise.all([launch(), Server.start()])
    mina = await server.person('mina@example.org', true)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('whoever is not signed in is led to sign in and back', async () => {
    const { page, context, watch } = await seat(browser, server)
    watch.expected.push(/401/)
    await page.goto(`${server.url}/work`)
    await page.waitForURL(/\/sign-in\?next=%2Fwork/)
    await page.locator('input[name=email]').fill(mina.email)
    await page.locator('input[name=password]').fill(mina.password)
    await page.locator('form button:not([type=button])').first().click()
    await page.waitForURL(`${server.url}/work`)
    await page.locator('nav a').first().waitFor()
    watch.check()
    await context.close()
  })

  test('the link that is printed at the first start signs in once', async () => {
    const { page, context } = await seat(browser, server)
    await page.goto(server.link)
    await page.locator('form button:not([type=button])').first().click()
    await page.locator('nav a').first().waitFor()
    await context.close()
    const second = await seat(browser, server)
    await second.page.goto(server.link)
    await second.page.locator('form button:not([type=button])').first().click()
    await second.page.getByRole('alert').waitFor()
    await second.context.close()
  })

  test('every page speaks both languages without being loaded again, and axe finds nothing', async () => {
    const one = await seat(browser, server)
    await signIn(one, server, mina)
    for (const [at, english, korean] of [
      ['/', 'Library', '라이브러리'],
      ['/work', 'Work', '작업'],
      ['/people', 'People', '사람'],
      ['/system', 'System', '시스템'],
      ['/settings', 'Settings', '설정'],
    ] as const) {
      await one.page.goto(server.url + at)
      await one.page.getByRole('navigation').getByText(english, { exact: true }).waitFor()
      await one.page.locator('main h1').waitFor()
      const marked = await one.page.evaluate(() => {
        ;(window as unknown as { mark: boolean }).mark = true
        return document.documentElement.lang
      })
      expect(marked).toBe('en')
      expect(await faultsOf(one.page), at).toEqual([])
      await one.page.getByText('한국어', { exact: true }).first().click()
      await one.page.getByRole('navigation').getByText(korean, { exact: true }).waitFor()
      expect(await one.page.evaluate(() => (window as unknown as { mark?: boolean }).mark)).toBe(true)
      expect(await one.page.evaluate(() => document.documentElement.lang)).toBe('ko')
      await one.page.getByText('EN', { exact: true }).click()
    }
    one.watch.check()
    await one.context.close()
  })
})
