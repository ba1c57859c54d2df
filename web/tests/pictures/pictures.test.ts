/**
 * The pictures of the guide, taken of a real service with the sample (`make pictures`). `PICTURES_TALK` names a recording
 * of somebody who talks, for the picture of an interview, `PICTURES_MODELS` a folder with weights; without them it is
 * left as it is.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, test } from 'vitest'
import { analyse, api, bring, launch, seat, signIn, until } from '../browser/browser'
import { clip, Server } from '../browser/server'

const TO = path.resolve(import.meta.dirname, '../../../docs/images')
const WAIT_MS = 240_000

interface Found {
  readonly items: { readonly id: string; readonly analyses: { readonly id: string; readonly state: string }[] }[]
}

describe('pictures of the guide', () => {
  test('are taken', { timeout: 900_000 }, async () => {
    await mkdir(TO, { recursive: true })
    const models = process.env.PICTURES_MODELS
    const server = await Server.start(models ? { SIGHTLINE_MODELS: models } : {})
    const browser = await launch()
    const mina = await server.person('mina@example.org', true)
    const one = await seat(browser, server, { deviceScaleFactor: 1 })
    const { page } = one
    const take = async (name: string) => {
      await page.waitForTimeout(1500)
      await page.screenshot({ path: path.join(TO, `page-${name}.png`) })
    }
    await signIn(one, server, mina)
    await page.locator('main ol').waitFor()
    await take('first-use')
    await page.getByRole('button', { name: /sample/i }).click()
    await page.waitForURL(/\/videos\//, { timeout: WAIT_MS })
    const sample = page.url().match(/videos\/([0-9a-f]+)/)?.[1] as string
    const done = () => finished(sample)
    await until(done, 'the sample is analysed', WAIT_MS)
    await page.locator('video').first().waitFor({ timeout: WAIT_MS })

    async function finished(id: string): Promise<boolean> {
      const { items } = await api<Found>(one, server, '/videos')
      return items.find((item) => item.id === id)?.analyses.some(({ state }) => state === 'done') ?? false
    }

    const event = async (kind: RegExp, among: Page = page) => {
      await among.getByRole('table').getByRole('button').filter({ hasText: kind }).first().click()
    }
    await page.goto(`${server.url}/videos/${sample}`)
    await page.locator('video').first().waitFor({ timeout: WAIT_MS })
    await event(/Luminance flash/)
    await take('video')
    await page.getByText('한국어', { exact: true }).first().click()
    await take('video-ko')
    await page.getByText('EN', { exact: true }).first().click()
    await page.getByRole('button', { name: 'Try another template or other limits' }).click()
    await page.getByRole('region', { name: 'Trial' }).getByRole('combobox').first().click()
    await page
      .getByRole('option', { name: /Netflix|EBU R 128/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Keep this judgement' }).waitFor()
    await page.getByRole('region', { name: 'Trial' }).scrollIntoViewIfNeeded()
    await take('judge')
    await page
      .getByRole('button', { name: /Discard/ })
      .last()
      .click()

    const counter = await clip('counter', server.folder, 'spring campaign 봄.mp4')
    const ntsc = await clip('ntsc', server.folder, 'harbour news.mp4')
    const first = await bring(one, server, counter)
    await api(one, server, `/videos/${first}`, { tags: ['spring', '봄'] }, 'PATCH')
    await analyse(one, server, first, { template: 'ebu-r128' })
    await api(one, server, `/videos/${sample}`, { tags: ['test'] }, 'PATCH')
    const second = await bring(one, server, ntsc)
    await api(one, server, '/analyses', { video_id: second })
    await page.goto(`${server.url}/work`)
    await page.getByText('harbour news').first().waitFor()
    await take('work')
    await until(() => finished(second), 'the second is analysed', WAIT_MS)
    await page.goto(`${server.url}/?q=black`)
    await page.getByText('harbour news').first().waitFor()
    await take('library')

    await page.getByRole('button', { name: 'Add video' }).first().click()
    const large = await clip('large', server.folder, 'episode 4 master.mp4')
    await page.getByRole('dialog').locator('input[type=file]').first().setInputFiles(large)
    await take('uploads')

    await page.goto(`${server.url}/settings/templates#qc/ebu-r128`)
    await take('templates')
    await page.getByRole('tab', { name: 'Try it' }).click()
    await take('templates-try')
    await api(one, server, '/consents', {
      subject: 'Kim Mina',
      purpose: 'Practice interview for the editing desk',
      policy: 'hiring',
      text: 'I agree that my recording is measured for gaze, speech and expression and looked at by a person.',
      language: 'en',
      given_at: new Date().toISOString(),
    })
    for (const name of ['people', 'system'] as const) {
      await page.goto(`${server.url}/${name}`)
      await page.locator('main h1').waitFor()
      await page.waitForTimeout(3000)
      await take(name)
    }
    const talk = process.env.PICTURES_TALK
    if (talk) {
      const spoken = await bring(one, server, talk)
      await analyse(one, server, spoken, { desk: 'interview', options: { policy: 'self_practice', language: 'en' } })
      await page.goto(`${server.url}/videos/${spoken}`)
      await page.locator('video, audio').first().waitFor({ timeout: WAIT_MS })
      await take('interview')
    }
    await browser.close()
    await server.stop()
  })
})
