import { describe, expect, test } from 'vitest'
import { TEXT as LIBRARY } from '@/features/library/text'
import { CHROMIUM, faultsOf, seat } from './browser'
import { sayer, world } from './world'

const library = sayer(LIBRARY)

describe.skipIf(CHROMIUM === null)('first use', () => {
  const here = world()

  test('from the printed link over an empty library to the findings of the sample', async () => {
    const { page, context, watch } = await seat(here.browser, here.server)
    await page.goto(here.server.link)
    await page.locator('form button:not([type=button])').first().click()
    await page.getByRole('heading', { name: library('welcome') }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: library('sample') }).click()
    await page.waitForURL(/\/videos\//)
    // Measured while one waits: what was planted is found, and the verdict is no pass.
    await page.getByText('Fail', { exact: true }).first().waitFor({ timeout: 90_000 })
    await page.locator('video').first().waitFor()
    expect(await faultsOf(page)).toEqual([])
    watch.check()
    await context.close()
  })
})
