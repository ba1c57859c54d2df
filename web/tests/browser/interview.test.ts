import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Feedback, Judgement, Score } from '@/api/judgement'
import { type Format, fileName, formatsOf } from '@/features/video/judgement/bar/exports'
import { TEXT as BAR } from '@/features/video/judgement/bar/text'
import { TEXT as INTERVIEW } from '@/features/video/judgement/interview/text'
import { TEXT as REVIEW } from '@/features/video/judgement/interview/textReview'
import { TEXT as LANES } from '@/features/video/lanes/text'
import { percent } from '@/ui/format'
import { api, bring, CHROMIUM, faultsOf, keepLastLook, type Seat, seat, signIn, until } from './browser'
import { talk, whyNoVoice } from './server'
import { sayer, world } from './world'

const [bar, said, review, lanes] = [sayer(BAR), sayer(INTERVIEW), sayer(REVIEW), sayer(LANES)]
const NAME = 'talk.mp4'
const QUESTION = 'What did your team do?'
/** The toy recogniser's words, in whatever order they come. */
const WORD = 'BBE'

const noVoice = whyNoVoice()
if (noVoice && process.env.SIGHTLINE_REQUIRE_SERVICES === '1') throw new Error(noVoice)
if (noVoice) console.warn(`tests of the interview desk are skipped: ${noVoice}`)

interface Found {
  readonly state: string
  readonly error: unknown
  readonly judgement: Judgement
  readonly feedback: Feedback | null
  readonly review: { readonly state: string; readonly overrides: readonly { readonly value: number }[] }
}
interface Spoken {
  readonly text: string
  readonly start_s: number
  readonly end_s: number
}

describe.skipIf(CHROMIUM === null || noVoice !== null)('the interview desk', () => {
  const here = world([], talk)
  let one: Seat
  let video: string
  let analysis: string
  let found: Found
  let spoken: readonly Spoken[]
  let words: Readonly<Record<string, string>>

  beforeAll(async () => {
    one = await seat(here.browser, here.server, { viewport: { width: 1440, height: 1300 } })
    await signIn(one, here.server, here.mina)
    video = await bring(one, here.server, path.join(here.folder, NAME), NAME)
    words = (await api<{ words: Record<string, string> }>(one, here.server, '/words/en')).words
    analysis = await askedFor(one.page)
    await until(
      async () => {
        found = await kept()
        if (found.state === 'failed' || found.state === 'cancelled') throw new Error(JSON.stringify(found.error))
        return found.state === 'done'
      },
      'the talk is analysed',
      180_000,
    )
    spoken = (await api<{ items: Spoken[] }>(one, here.server, `/analyses/${analysis}/words`)).items
  }, 300_000)

  afterAll(() => one?.context.close())

  beforeEach(() => {
    keepLastLook(one.page)
    one.watch.errors.length = 0
    one.watch.expected.length = 0
  })

  const kept = () => api<Found>(one, here.server, `/analyses/${analysis}`)
  const scoreOf = (id: string) =>
    found.judgement.scores?.find((score) => score.id === id && score.part === null) as Score
  const points = (value: number) => String(Math.round(value * 10) / 10)
  const panel = (page: Page) => page.getByRole('region', { name: said('panel') })
  const card = (page: Page, score: string) =>
    page.getByRole('article').filter({ has: page.getByRole('heading', { name: words[`score.${score}`], exact: true }) })

  /** Asks for the analysis as people do, and gives its id. */
  async function askedFor(page: Page): Promise<string> {
    await page.goto(`${here.server.url}/videos/${video}`)
    await page.getByRole('button', { name: bar('create'), exact: true }).click()
    const dialog = page.getByRole('dialog', { name: bar('newTitle') })
    await dialog.getByRole('radio', { name: bar('interview'), exact: true }).check()
    await dialog.getByRole('radio', { name: words['policy.hiring.name'], exact: true }).check()
    // Nobody has agreed to it.
    await dialog.getByText(bar('consentNone')).waitFor()
    expect(await dialog.getByRole('button', { name: bar('begin'), exact: true }).isDisabled()).toBe(true)
    await dialog.getByRole('radio', { name: words['policy.self_practice.name'], exact: true }).check()
    await dialog.getByRole('combobox', { name: bar('language') }).click()
    await page.getByRole('option', { name: bar('en'), exact: true }).click()
    await dialog.getByLabel(bar('questions')).fill(`0:00 ${QUESTION}`)
    await dialog.getByText(bar('questionsFound', { count: 1 })).waitFor()
    await dialog.getByRole('button', { name: bar('begin'), exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await until(() => new URL(page.url()).searchParams.has('analysis'), 'the address names the new analysis')
    return new URL(page.url()).searchParams.get('analysis') as string
  }

  async function opened(tab?: 'feedback' | 'transcript' | 'metrics' | 'review'): Promise<Page> {
    const { page } = one
    await page.goto(`${here.server.url}/videos/${video}?analysis=${analysis}`)
    await page.locator('video').first().waitFor()
    await panel(page).waitFor()
    // From now on nothing above the lanes grows.
    await page.getByRole('button', { name: bar('export'), exact: true }).waitFor()
    if (tab)
      await panel(page)
        .getByRole('tab', { name: said(tab), exact: true })
        .click()
    return page
  }

  test('a score is laid open to its last term, and what had no evidence says why', async () => {
    const page = await opened()
    const delivery = scoreOf('delivery')
    expect([delivery.standing, scoreOf('overall').standing]).toEqual(['scored', 'insufficient_evidence'])
    const shown = card(page, 'delivery')
    await shown
      .getByText(points(delivery.value as number), { exact: false })
      .first()
      .waitFor()
    await shown.getByText(said('covered', { share: percent(delivery.coverage, 'en') })).waitFor()
    await shown.getByRole('button', { name: said('layOpen') }).click()
    const terms = shown.locator('ul > li')
    expect(await terms.count()).toBe(delivery.terms.length)
    for (const term of delivery.terms) {
      const row = terms.filter({ has: page.getByText(words[`term.${term.id}`] as string, { exact: true }) })
      const text = (await row.innerText()).replace(/\s+/g, ' ')
      expect(text, term.id).toContain(term.formula)
      expect(text, term.id).toContain(`${said('weight')} ${percent(term.weight, 'en')}`)
      if (term.points === null) {
        expect(text, term.id).toContain(said('leftOut'))
        expect(text, term.id).toContain(term.reason?.text.en)
      } else expect(text, term.id).toContain(`${points(term.points)} of`)
    }
    expect(delivery.terms.some((term) => term.points === null)).toBe(true)
    await shown.getByText(said('sum'), { exact: false }).waitFor()

    // Of the whole there is no number, and what it lacks is said.
    const overall = card(page, 'overall')
    await overall.getByText(words['standing.insufficient_evidence'] as string).waitFor()
    await overall.getByText(scoreOf('overall').reason?.text.en as string).waitFor()
    await overall.getByText(said('covered', { share: percent(scoreOf('overall').coverage, 'en') })).waitFor()
    expect(await overall.getByText(said('of', { most: 100 })).count()).toBe(0)
    const gaze = card(page, 'gaze')
    await gaze.getByText(words['standing.not_evaluated'] as string, { exact: true }).waitFor()
    expect(await gaze.innerText()).toMatch(/sightline models pull/)

    // The answer to the question is scored by itself as well.
    await page.getByRole('combobox', { name: said('part') }).click()
    await page.getByRole('option', { name: `1. ${QUESTION}` }).click()
    const answer = found.judgement.scores?.find((score) => score.id === 'delivery' && score.part !== null) as Score
    await card(page, 'delivery')
      .getByText(said('covered', { share: percent(answer.coverage, 'en') }))
      .waitFor()
    one.watch.check()
  })

  test('a term leads to its metric, and what was not measured stands there with its reason', async () => {
    const page = await opened()
    await card(page, 'delivery')
      .getByRole('button', { name: said('layOpen') })
      .click()
    const metric = words['metric.pitch_sd.title'] as string
    await card(page, 'delivery')
      .getByRole('button', { name: new RegExp(`^${metric}: `) })
      .click()
    const row = panel(page).getByRole('button', { name: new RegExp(`^${metric}`), expanded: true })
    await row.waitFor()
    const unmeasured = found.judgement.metrics?.filter(({ part, value }) => part === null && value === null) ?? []
    expect(unmeasured.length).toBeGreaterThan(10)
    await panel(page)
      .getByText(said('unmeasured', { count: unmeasured.length }))
      .click()
    for (const reason of new Set(unmeasured.map((one) => one.reason?.text.en as string)))
      await panel(page).getByText(reason).first().waitFor()
    one.watch.check()
  })

  test('every sentence of the feedback names what it rests on', async () => {
    const page = await opened('feedback')
    const claims = found.feedback?.claims ?? []
    expect(claims.length).toBeGreaterThan(2)
    await panel(page).getByText(said('byTemplates')).waitFor()
    for (const { text } of claims) await panel(page).getByText(text, { exact: true }).first().waitFor()
    expect(await panel(page).getByText(said('restsOn')).count()).toBe(
      claims.filter(({ metrics }) => metrics.length > 0).length,
    )
    one.watch.check()
  })

  test('the transcript follows the player, a word is gone to, and words are found', async () => {
    expect(spoken.length).toBeGreaterThan(3)
    const page = await opened('transcript')
    const time = () => page.evaluate(() => (document.querySelector('video') as HTMLVideoElement).currentTime)
    const near = (at: number) => async () => Math.abs((await time()) - at) < 0.06
    const word = (number: number) => panel(page).locator(`[data-word="${number}"]`)
    const last = spoken.length - 1
    await word(last).click()
    await until(near(spoken[last]?.start_s as number), 'the player is where the word is said', 20_000)
    await word(last).and(page.locator('[data-said]')).waitFor()

    // While it plays each word is marked as it is said.
    await word(0).click()
    await until(near(spoken[0]?.start_s as number), 'the player is at the first word', 20_000)
    await page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const { word, said } = (target as HTMLElement).dataset
          if (word !== undefined && said !== undefined && heard.at(-1) !== word) heard.push(word)
        }
      }).observe(document.body, { subtree: true, attributeFilter: ['data-said'] })
    })
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.press('l')
    const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
    // The first is marked before it plays; one of a tenth of a second may fall between two pictures of a busy browser.
    const long = spoken.flatMap(({ start_s, end_s }, at) => (at > 0 && end_s - start_s > 0.6 ? [String(at)] : []))
    expect(long.length).toBeGreaterThan(0)
    await until(
      async () => {
        const all = await heard()
        return long.every((at) => all.includes(at))
      },
      'each word is marked',
      60_000,
    )
    await page.keyboard.press('k')
    const order = (await heard()).map(Number)
    expect(order).toEqual(order.toSorted((a, b) => a - b))

    const places = spoken.flatMap(({ text }, at) => (text === WORD ? [at] : []))
    expect(places.length).toBeGreaterThan(1)
    const box = panel(page).getByRole('textbox', { name: said('search') })
    await box.fill(WORD.toLowerCase())
    await panel(page)
      .getByText(said('hits', { number: 1, count: places.length }))
      .waitFor()
    expect(await panel(page).locator('[data-hit]').count()).toBe(places.length)
    await panel(page)
      .getByRole('button', { name: said('later') })
      .click()
    await panel(page)
      .getByText(said('hits', { number: 2, count: places.length }))
      .waitFor()
    await until(near(spoken[places[1] as number]?.start_s as number), 'the second place is gone to', 20_000)
    await box.fill('nobody said this')
    await panel(page).getByText(said('noHits')).waitFor()
    one.watch.check()
  })

  test('words have a lane, where they were said', async () => {
    const page = await opened()
    await page.locator('[data-lanes-drawn]').first().waitFor()
    const head = page.locator('li[data-kind=words]')
    await head.getByText(lanes('words'), { exact: true }).waitFor()
    const [first, last] = [spoken[0] as Spoken, spoken.at(-1) as Spoken]
    const { duration_s: length } = await api<{ duration_s: number }>(one, here.server, `/videos/${video}`)
    const drawn = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-lanes-drawn] canvas')
        const row = document.querySelector('li[data-kind=words]')?.getBoundingClientRect()
        const pen = canvas?.getContext('2d')
        if (!canvas || !row || !pen) return []
        const middle = row.top + row.height / 2 + 5 - canvas.getBoundingClientRect().top
        const { data } = pen.getImageData(0, Math.round(middle), canvas.width, 1)
        const filled = Array.from({ length: canvas.width }, (_, x) => x).filter((x) => (data[x * 4] ?? 255) < 245)
        return [filled[0] ?? Number.NaN, filled.at(-1) ?? Number.NaN].map((x) => x / canvas.width)
      })
    await until(async () => {
      const [from = Number.NaN, to = Number.NaN] = await drawn()
      return Math.abs(from * length - first.start_s) < 0.1 && Math.abs(to * length - last.end_s) < 0.1
    }, 'words are drawn from the first to the last')
    one.watch.check()
  })

  test('a person looks at it and gives another score, which stands beside that of the machine', async () => {
    const page = await opened('review')
    const tab = panel(page).getByRole('tabpanel')
    const dialog = page.getByRole('dialog')
    const press = (key: 'review' | 'override') => tab.getByRole('button', { name: review(key), exact: true }).click()
    const save = async () => {
      await dialog.getByRole('button', { name: review('save'), exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
    }
    await tab.getByText(review('open')).waitFor()
    await press('review')
    await dialog.getByLabel(review('note')).fill('heard from beginning to end')
    await save()
    await tab.getByText(review('reviewed')).waitFor()
    await tab.getByText('heard from beginning to end').waitFor()

    await press('override')
    await dialog.getByRole('button', { name: review('save'), exact: true }).click()
    // Without score and reason it is not taken.
    await until(async () => (await dialog.getByText(review('needed')).count()) === 2, 'it says what is missing')
    await dialog.getByRole('combobox', { name: review('which') }).click()
    await page.getByRole('option', { name: new RegExp(`^${words['score.delivery']} · \\d`) }).click()
    await dialog.getByLabel(review('value', { most: 100 })).fill('55')
    await dialog.getByLabel(review('reason')).fill('the microphone was too near')
    await save()
    await tab.getByText(review('overridden')).waitFor()
    await tab.getByText(review('machine', { value: points(scoreOf('delivery').value as number) })).waitFor()

    await panel(page)
      .getByRole('tab', { name: said('scores'), exact: true })
      .click()
    const shown = card(page, 'delivery')
    await shown.getByText(said('instead', { value: 55, most: 100 })).waitFor()
    await shown.getByText('the microphone was too near').waitFor()
    await shown
      .getByText(points(scoreOf('delivery').value as number))
      .first()
      .waitFor()
    const now = await kept()
    expect(now.review.overrides.map(({ value }) => value)).toEqual([55])
    expect(now.judgement.scores).toEqual(found.judgement.scores)
    one.watch.check()
  })

  test('every file of an interview is what it says, with what people made of it', async () => {
    const page = await opened()
    const looks: Partial<Record<Format, (content: Buffer) => void>> = {
      pdf: (content) => expect(content.subarray(0, 5).toString()).toBe('%PDF-'),
      csv: (content) => expect(content.toString('utf8')).toContain('the microphone was too near'),
      json: (content) => {
        const read = JSON.parse(content.toString('utf8')) as { review: { overrides: { value: number }[] } }
        expect(read.review.overrides.map(({ value }) => value)).toEqual([55])
      },
      vtt: (content) => expect(content.toString('utf8')).toMatch(new RegExp(`^WEBVTT\n[\\s\\S]*${WORD}`)),
    }
    const offered = formatsOf('interview').flatMap(({ formats }) => formats)
    expect(new Set(offered)).toEqual(new Set([...Object.keys(looks), 'html']))
    for (const format of offered) {
      await page.getByRole('button', { name: bar('export'), exact: true }).click()
      const item = page.getByRole('menuitem', { name: bar(`${format}For`) })
      if (format === 'html') {
        const [popup] = await Promise.all([page.waitForEvent('popup'), item.click()])
        await popup.getByText('the microphone was too near').first().waitFor()
        await popup.close()
        continue
      }
      const [download] = await Promise.all([page.waitForEvent('download'), item.click()])
      expect(download.suggestedFilename()).toBe(fileName(NAME, 'default', format))
      looks[format]?.(await readFile(await download.path()))
      await page.getByText(bar('making')).waitFor({ state: 'detached' })
    }
    one.watch.check()
  })

  test('who has no more than a link disputes the scores, and an editor settles it', async () => {
    const page = await opened()
    await page.getByRole('button', { name: bar('share'), exact: true }).click()
    const sharing = page.getByRole('dialog', { name: bar('shareTitle') })
    await sharing.getByText(bar('shareDisputes')).waitFor()
    await sharing.getByRole('button', { name: bar('makeLink') }).click()
    const url = await sharing.getByLabel(bar('link'), { exact: true }).inputValue()

    const guest = await seat(here.browser, here.server)
    await guest.page.goto(url)
    await guest.page.waitForURL(/\/s\//)
    await panel(guest.page).waitFor()
    await panel(guest.page)
      .getByRole('button', { name: said('disagree') })
      .click()
    const tab = panel(guest.page).getByRole('tabpanel')
    await tab.getByRole('button', { name: review('contest'), exact: true }).waitFor()
    for (const name of [review('review'), review('override')])
      expect(await tab.getByRole('button', { name, exact: true }).count(), name).toBe(0)
    expect(await faultsOf(guest.page)).toEqual([])
    await tab.getByRole('button', { name: review('contest'), exact: true }).click()
    const disputing = guest.page.getByRole('dialog', { name: review('contestTitle') })
    await disputing.getByText(review('contestByLink')).waitFor()
    await disputing.getByLabel(review('reason')).fill('the sound broke off')
    await disputing.getByRole('button', { name: review('save'), exact: true }).click()
    await disputing.waitFor({ state: 'detached' })
    await tab.getByText(review('contested')).waitFor()
    await until(
      async () => (await tab.getByRole('button', { name: review('contest'), exact: true }).count()) === 0,
      'it is disputed once',
    )
    guest.watch.check()
    await guest.context.close()

    // The editor's page hears of it by itself.
    await page.keyboard.press('Escape')
    await sharing.waitFor({ state: 'detached' })
    await panel(page).getByText(review('stateContested')).waitFor()
    await panel(page)
      .getByRole('tab', { name: said('review'), exact: true })
      .click()
    const mine = panel(page).getByRole('tabpanel')
    await mine.getByText('the sound broke off').waitFor()
    await mine.getByText(review('byLink')).waitFor()
    for (const name of [review('review'), review('override')])
      expect(await mine.getByRole('button', { name, exact: true }).count(), name).toBe(0)
    await mine.getByRole('button', { name: review('resolve'), exact: true }).click()
    const settling = page.getByRole('dialog', { name: review('resolveTitle') })
    await settling.getByLabel(review('reason')).fill('heard again; it stands')
    await settling.getByRole('button', { name: review('save'), exact: true }).click()
    await settling.waitFor({ state: 'detached' })
    await mine.getByText(review('resolved')).waitFor()
    expect((await kept()).review.state).toBe('resolved')
    one.watch.check()
  })

  test('no part of what is said of a person has faults of access, in either scheme', async () => {
    const page = await opened()
    for (const tab of ['scores', 'feedback', 'transcript', 'metrics', 'review'] as const) {
      await panel(page)
        .getByRole('tab', { name: said(tab), exact: true })
        .click()
      await panel(page).getByRole('tabpanel').waitFor()
      if (tab === 'scores')
        await card(page, 'delivery')
          .getByRole('button', { name: said('layOpen') })
          .click()
      // Its colours are those of all of them.
      for (const colorScheme of tab === 'scores' ? (['dark', 'light'] as const) : (['light'] as const)) {
        await page.emulateMedia({ colorScheme })
        expect(await faultsOf(page), `${tab} ${colorScheme}`).toEqual([])
      }
    }
    await page.emulateMedia({ colorScheme: null })
  })
})
