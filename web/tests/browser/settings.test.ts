import path from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { TEXT as LIBRARY } from '@/features/library/text'
import { TEXT as PEOPLE } from '@/features/people/text'
import { SECTIONS } from '@/features/settings/sections'
import { TEXT } from '@/features/settings/text'
import { FEEDBACK } from '@/features/settings/textFeedback'
import { INSTALLATION, PROVIDER } from '@/features/settings/textInstallation'
import { POLICIES } from '@/features/settings/textPolicies'
import { PROFILE } from '@/features/settings/textProfile'
import { TOKENS } from '@/features/settings/textTokens'
import { WORKSPACES } from '@/features/settings/textWorkspaces'
import { TEXT as TEMPLATES } from '@/features/templates/text'
import { analyse, api, bring, CHROMIUM, faultsOf, type Seat, seat, signIn, until } from './browser'
import type { Person } from './server'
import { sayer, world } from './world'

const say = sayer(TEXT)
const templates = sayer(TEMPLATES)
const tokens = sayer(TOKENS)
const workspaces = sayer(WORKSPACES)
const profile = sayer(PROFILE)
const korean = sayer(PROFILE, 'ko')
const policies = sayer(POLICIES)
const feedback = sayer(FEEDBACK)
const provider = sayer(PROVIDER)
const settings = sayer(INSTALLATION)
const library = sayer(LIBRARY)
const people = sayer(PEOPLE)
const KEY = 'sk-not-to-be-seen-by-anybody'
const WORKSPACE = 'sightline.workspace'

type State = Awaited<ReturnType<BrowserContext['storageState']>>
interface Workspace {
  readonly id: string
  readonly name: string
}

describe.skipIf(CHROMIUM === null)('settings', () => {
  const here = world(['short'], { SIGHTLINE_OPENAI_API_KEY: KEY })
  let mina: State
  let jun: State
  let interview: string

  beforeAll(async () => {
    const [one, other] = await Promise.all([seat(here.browser, here.server), seat(here.browser, here.server)])
    await Promise.all([signIn(one, here.server, here.mina), signIn(other, here.server, here.jun)])
    const video = await bring(one, here.server, path.join(here.folder, 'short.mp4'))
    await analyse(one, here.server, video)
    interview = await analyse(one, here.server, video, { desk: 'interview', options: { policy: 'self_practice' } })
    mina = await one.context.storageState()
    jun = await other.context.storageState()
    await Promise.all([one.context.close(), other.context.close()])
  }, 240_000)

  /** A page of the settings, for somebody who is signed in already. */
  async function at(section: string, storageState = mina): Promise<Seat> {
    const one = await seat(here.browser, here.server, { storageState })
    await one.page.goto(`${here.server.url}/settings/${section}`)
    return one
  }

  const status = async (seated: Seat, path: string) =>
    (await seated.page.request.get(`${here.server.url}/api/v1${path}`)).status()
  /** A check or a term of the template that is open. */
  const part = (page: Page, name: string) => page.getByRole('article', { name, exact: true })
  const shortest = (page: Page) => part(page, 'Black').getByLabel(/^Shortest that counts/)
  const saved = (page: Page) => page.getByRole('status').filter({ hasText: new RegExp(`^${templates('saved')}$`) })

  async function tryOn(page: Page, name: RegExp): Promise<void> {
    await page.getByRole('tab', { name: templates('tryTab') }).click()
    await page.getByRole('combobox', { name: templates('tryOn') }).click()
    await page.getByRole('option', { name }).click()
  }

  async function remove(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name: templates('more'), exact: true }).click()
    await page.getByRole('menuitem', { name: templates('remove') }).click()
    const dialog = page.getByRole('dialog', { name: templates('removeTitle', { name }) })
    await dialog.getByRole('button', { name: templates('removeAction') }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(templates('chooseOne')).waitFor()
    await page
      .getByRole('navigation', { name: templates('list') })
      .getByText(name)
      .waitFor({ state: 'detached' })
  }

  test('a template is made from another, changed, tried on a video, kept, used and deleted', async () => {
    const one = await at('templates#qc/ebu-r128')
    const { page } = one
    await page.getByRole('button', { name: templates('copy'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: templates('name') }).fill('dpp')
    await dialog.getByText(templates('nameTaken')).waitFor()
    await dialog.getByRole('textbox', { name: templates('name') }).fill('house')
    await dialog.getByRole('button', { name: templates('create') }).click()
    await page.getByRole('heading', { name: 'house' }).waitFor()

    await shortest(page).fill('-3')
    const wrong = page.locator('#template-problems').getByRole('button', { name: /^Line \d+$/ })
    await wrong.waitFor()
    await until(async () => (await shortest(page).getAttribute('aria-invalid')) === 'true', 'the field is marked')
    expect(await page.getByRole('button', { name: templates('save'), exact: true }).isDisabled()).toBe(true)
    await wrong.click()
    const text = page.getByRole('textbox', { name: templates('textOf', { name: 'house' }) })
    await until(async () => /-3/.test(await selected(text)), 'the line with the mistake is selected')
    await page.getByRole('tab', { name: templates('checks') }).click()
    await shortest(page).fill('5')
    await page.getByText(templates('valid')).waitFor()

    await tryOn(page, /^short\.mp4/)
    const row = page.getByRole('row', { name: /^V1/ })
    await row.waitFor()
    expect((await row.getByRole('cell').allInnerTexts()).map((cell) => cell.split('\n')[0])).toEqual(['Fail', 'Pass'])
    await page.getByRole('button', { name: templates('save'), exact: true }).click()
    await saved(page).waitFor()
    const { source } = await api<{ source: string }>(one, here.server, '/templates/house')
    expect(source).toMatch(/^extends = "ebu-r128"$[\s\S]*^\[checks\.V1\]\nmin_duration_s = 5$/m)

    const { items } = await api<{ items: { id: string }[] }>(one, here.server, '/videos')
    const used = await analyse(one, here.server, items[0]?.id as string, { template: 'house' })
    await page.getByText(templates('usedOfAll', { count: 1, of: 2 })).waitFor()
    await remove(page, 'house')
    expect(await status(one, '/templates/house')).toBe(404)
    // What was judged by it keeps its copy.
    expect((await api<{ template: string }>(one, here.server, `/analyses/${used}`)).template).toBe('house')
    one.watch.expected.push(/404/)
    one.watch.check()
    await one.context.close()
  })

  test('a rubric is made from another, a mistake in its YAML is shown where it is, and it is tried and kept', async () => {
    const one = await at('templates')
    const { page } = one
    await page.getByRole('button', { name: templates('new'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(templates('rubric'), { exact: true }).click()
    await dialog.getByRole('textbox', { name: templates('name') }).fill('ours')
    await dialog.getByRole('button', { name: templates('create') }).click()
    await page.getByRole('heading', { name: 'ours' }).waitFor()

    const weight = page
      .locator('article')
      .first()
      .getByRole('textbox', { name: templates('weight'), exact: true })
    await weight.fill('0.6')
    await page.getByText(templates('weightsWrong', { total: '1.1' })).waitFor()
    await page
      .locator('#template-problems')
      .getByRole('button', { name: /^Line \d+$/ })
      .waitFor()
    await weight.fill('0.5')
    await page.getByText(templates('valid')).waitFor()

    await page.getByRole('tab', { name: templates('asText') }).click()
    const text = page.getByRole('textbox', { name: templates('textOf', { name: 'ours' }) })
    const whole = await text.inputValue()
    const line = whole.split('\n').findIndex((each) => each.includes('one_minus(1)'))
    await text.fill(whole.replace('one_minus(1)', 'one_plus(1)'))
    const wrong = page
      .locator('#template-problems')
      .getByRole('button', { name: templates('line', { line: line + 1 }) })
    await wrong.waitFor()
    await wrong.click()
    await until(async () => /one_plus/.test(await selected(text)), 'the line with the mistake is selected')
    await text.fill(whole.replaceAll('most: 60', 'most: 70'))
    await page.getByText(templates('valid')).waitFor()

    await tryOn(page, /^short\.mp4/)
    await page.getByRole('columnheader', { name: templates('judgedNow', { name: 'ours' }) }).waitFor()
    await page.getByRole('button', { name: templates('save'), exact: true }).click()
    await saved(page).waitFor()
    const asked = { template: 'ours', keep: false }
    const { judgement } = await api<{ judgement: { scores: { most: number }[] } }>(
      one,
      here.server,
      `/analyses/${interview}/judgement`,
      asked,
    )
    expect(judgement.scores.map(({ most }) => most)).toContain(70)
    await remove(page, 'ours')
    one.watch.check()
    await one.context.close()
  })

  test('of two who change a template at once the second is told, and nothing of his is lost', async () => {
    const source = 'extends = "default"\n\n[title]\nen = "shared"\nko = "shared"\n'
    const one = await at('templates')
    one.watch.expected.push(/409/)
    await api(one, here.server, '/templates/shared', { source }, 'PUT')
    const { page } = one
    const keeps = async () => (await api<{ source: string }>(one, here.server, '/templates/shared')).source
    await page
      .getByRole('navigation', { name: templates('list') })
      .getByRole('button', { name: /^shared/ })
      .click()
    await shortest(page).fill('7')
    await page.getByText(templates('valid')).waitFor()

    // Told while one writes.
    await api(one, here.server, '/templates/shared', { source: `${source}[checks.V1]\nmin_duration_s = 9\n` }, 'PUT')
    const told = page.getByRole('alert').filter({ hasText: templates('changedElsewhere') })
    await told.waitFor()
    expect(await shortest(page).inputValue()).toBe('7')
    await page.getByRole('button', { name: templates('saveOver') }).click()
    await saved(page).waitFor()
    expect(await keeps()).toContain('min_duration_s = 7')

    // Told by the refusal: the other's version came while one's own was on its way.
    await shortest(page).fill('8')
    await page.getByText(templates('valid')).waitFor()
    const theirs = `${source}[checks.V1]\nmin_duration_s = 9\n`
    await page.route(
      '**/api/v1/templates/shared?*',
      async (route) => {
        await api(one, here.server, '/templates/shared', { source: theirs }, 'PUT')
        await route.continue()
      },
      { times: 1 },
    )
    await page.getByRole('button', { name: templates('save'), exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'meanwhile, so yours was not kept' }).waitFor()
    await told.waitFor()
    expect(await keeps()).toBe(theirs)
    expect(await shortest(page).inputValue()).toBe('8')
    await page.getByRole('button', { name: templates('takeTheirs') }).click()
    await until(async () => (await shortest(page).inputValue()) === '9', 'theirs is shown')
    await api(one, here.server, '/templates/shared', undefined, 'DELETE')
    one.watch.check()
    await one.context.close()
  })

  test('of two who change a setting at once the second is told, and what he typed is still there', async () => {
    const one = await at('installation')
    one.watch.expected.push(/409/)
    const { page } = one
    const name = 'keep_jobs_days'
    const set = (value: number | null) =>
      api(one, here.server, '/system/settings', { values: { [name]: value } }, 'PATCH')
    await page.getByRole('button', { name: settings('changeOf', { name }) }).click()
    const field = page.getByRole('textbox', { name, exact: true })
    await field.fill('33')
    await set(34)
    const save = page
      .locator('form')
      .filter({ has: field })
      .getByRole('button', { name: say('save') })
    await save.click()
    await page.getByRole('alert').filter({ hasText: 'to 34 meanwhile' }).waitFor()
    expect(await field.inputValue()).toBe('33')
    // The page has asked what holds now: what is saved next replaces it.
    await until(async () => {
      if (await save.isVisible()) await save.click()
      return (await settingOf(one, name)) === 33
    }, 'what was typed is kept')
    await field.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: settings('changeOf', { name }) }).click()
    await page.getByRole('button', { name: settings('back') }).click()
    await field.waitFor({ state: 'detached' })
    expect(await settingOf(one, name)).toBe(30)
    one.watch.check()
    await one.context.close()
  })

  test('a token is shown once, works for programs, and is refused once it is revoked', async () => {
    const one = await at('tokens')
    const { page } = one
    await page.getByRole('button', { name: tokens('new') }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: tokens('name') }).fill('night import')
    await dialog.getByRole('button', { name: tokens('create') }).click()
    const secret = await page.getByRole('textbox', { name: tokens('secretOf', { name: 'night import' }) }).inputValue()
    const asked = async (path: string, method = 'GET') =>
      (
        await fetch(`${here.server.url}/api/v1${path}`, {
          method,
          headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
          ...(method === 'GET' ? {} : { body: '{"values": {"keep_jobs_days": 1}}' }),
        })
      ).status
    expect(await asked('/videos')).toBe(200)
    expect(await asked('/system/settings', 'PATCH')).toBe(403)
    await page.reload()
    await page.getByRole('listitem').filter({ hasText: 'night import' }).waitFor()
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: tokens('revokeOf', { name: 'night import' }) }).click()
    await page
      .getByRole('dialog', { name: tokens('revokeTitle', { name: 'night import' }) })
      .getByRole('button', { name: tokens('revoke') })
      .click()
    await page.getByText(tokens('none')).waitFor()
    expect(await asked('/videos')).toBe(401)
    one.watch.check()
    await one.context.close()
  })

  test('whoever is made a viewer can no longer change anything, in the page that is open already', async () => {
    const one = await at('workspaces')
    const { page } = one
    await page.getByRole('button', { name: workspaces('new') }).click()
    await page
      .getByRole('dialog')
      .getByRole('textbox', { name: workspaces('name') })
      .fill('Newsroom')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: workspaces('create') })
      .click()
    const card = page.getByRole('region', { name: workspaces('membersOf', { name: 'Newsroom' }) })
    await card.getByRole('textbox', { name: workspaces('addByEmail') }).fill(here.jun.email)
    await card.getByRole('combobox', { name: workspaces('role'), exact: true }).click()
    await page.getByRole('option', { name: workspaces('editor') }).click()
    await card.getByRole('button', { name: workspaces('add'), exact: true }).click()
    const role = card.getByRole('combobox', { name: workspaces('roleOf', { name: here.jun.email }) })
    await role.waitFor()

    const { workspaces: mine } = await api<{ workspaces: Workspace[] }>(one, here.server, '/session')
    const { id } = mine.find(({ name }) => name === 'Newsroom') as Workspace
    const other = await seat(here.browser, here.server, { storageState: jun })
    await other.context.addInitScript(([key, chosen]) => localStorage.setItem(key, chosen), [WORKSPACE, id] as const)
    await other.page.goto(here.server.url)
    const add = other.page.getByRole('button', { name: library('addFirst') })
    await add.waitFor()
    await role.click()
    await page.getByRole('option', { name: workspaces('viewer') }).click()
    await add.waitFor({ state: 'detached' })
    await other.page.getByRole('link', { name: 'People' }).click()
    await other.page.getByText(people('editorsOnly')).waitFor()
    await other.page.goto(`${here.server.url}/settings/templates#qc/ebu-r128`)
    await other.page.getByRole('heading', { name: 'EBU R 128', exact: true }).waitFor()
    for (const name of [templates('new'), templates('copy')])
      expect(await other.page.getByRole('button', { name, exact: true }).count(), name).toBe(0)
    const refused = await other.page.request.put(`${here.server.url}/api/v1/templates/his?workspace_id=${id}`, {
      headers: { Origin: here.server.url },
      data: { source: 'extends = "default"\n' },
    })
    expect(refused.status()).toBe(403)
    one.watch.check()
    other.watch.check()
    await other.context.close()
    await api(one, here.server, `/workspaces/${id}`, undefined, 'DELETE')
    await one.context.close()
  })

  test('name, language and password of an account are its own in every browser', async () => {
    const sora: Person = { email: 'sora@example.org', password: 'battery staple of sora' }
    const root = await seat(here.browser, here.server, { storageState: mina })
    await api(root, here.server, '/users', sora)
    await root.context.close()
    const one = await seat(here.browser, here.server)
    const elsewhere = await seat(here.browser, here.server)
    one.watch.expected.push(/40[13]|422/)
    await signIn(one, here.server, sora, '/settings/profile')
    await signIn(elsewhere, here.server, sora)
    const { page } = one
    await page.getByRole('textbox', { name: profile('name') }).fill('Sora Kim')
    await page.getByRole('button', { name: say('save') }).click()
    await page.getByText(say('saved')).waitFor()
    await page
      .getByRole('radiogroup', { name: profile('language') })
      .last()
      .getByText('한국어')
      .click()
    await page.getByRole('heading', { name: korean('password') }).waitFor()
    const fresh = await seat(here.browser, here.server)
    await signIn(fresh, here.server, sora, '/settings/profile')
    await fresh.page.getByRole('heading', { name: korean('password') }).waitFor()
    expect(await fresh.page.getByRole('textbox', { name: korean('name') }).inputValue()).toBe('Sora Kim')
    await fresh.context.close()
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: profile('password') }).waitFor()

    const next = { ...sora, password: 'another horse for sora' }
    const type = async (current: string, chosen: string) => {
      await page.getByLabel(profile('current')).fill(current)
      await page.getByLabel(profile('chosen'), { exact: true }).fill(chosen)
      await page.getByLabel(profile('again')).fill(chosen)
    }
    await type(sora.password, 'short')
    await page.getByText(profile('tooShort')).waitFor()
    const change = page.getByRole('button', { name: profile('changePassword') })
    expect(await change.isDisabled()).toBe(true)
    await type('not this one at all', next.password)
    await change.click()
    await page.getByRole('alert').waitFor()
    await type(sora.password, next.password)
    await change.click()
    await page.getByText(profile('passwordChanged')).waitFor()
    await until(async () => (await status(elsewhere, '/session')) === 401, 'every other browser is signed out')
    expect(await status(one, '/session')).toBe(200)
    await elsewhere.context.close()
    // English was chosen: it holds in a Korean browser too.
    const again = await seat(here.browser, here.server, { locale: 'ko-KR' })
    await signIn(again, here.server, next, '/settings/profile')
    await again.page.getByRole('heading', { name: profile('password') }).waitFor()
    await again.context.close()
    one.watch.check()
    await one.context.close()
  })

  test('a purpose that is not allowed here is said not to be, and refused', async () => {
    const one = await at('installation')
    const { page } = one
    const name = 'interview_policies'
    await page.getByRole('button', { name: settings('changeOf', { name }) }).click()
    await page.getByRole('checkbox', { name: 'Self practice' }).check()
    await page.getByRole('button', { name: say('save') }).click()
    await page.getByRole('checkbox', { name: 'Self practice' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: say('policies') }).click()
    const card = (named: string) => page.getByRole('region', { name: named })
    await card('Self practice').getByText(policies('allowed')).waitFor()
    await card('Hiring').getByText(policies('notAllowed')).waitFor()
    const { items } = await api<{ items: { id: string }[] }>(one, here.server, '/videos')
    const hiring = { video_id: items[0]?.id, desk: 'interview', options: { policy: 'hiring' } }
    await expect(api(one, here.server, '/analyses', hiring)).rejects.toThrow(/422.*policy_not_here/)
    await api(one, here.server, '/system/settings', { values: { [name]: null } }, 'PATCH')
    one.watch.check()
    await one.context.close()
  })

  test('a budget is set and holds, and no key is ever shown', async () => {
    const one = await at('feedback')
    const { page } = one
    const told: Promise<string>[] = []
    page.on('response', (answer) => {
      if (answer.url().includes('/api/v1/') && !answer.url().includes('/changes'))
        told.push(answer.text().catch(() => ''))
    })
    await page.reload()
    const key = page.getByRole('listitem').filter({ hasText: 'SIGHTLINE_OPENAI_API_KEY' })
    await key.getByText(feedback('keyThere')).waitFor()
    const change = async (name: string, how: (field: Locator) => Promise<void>) => {
      await page.getByRole('button', { name: settings('changeOf', { name }) }).click()
      const field = page.getByRole('textbox', { name, exact: true }).or(page.getByRole('combobox', { name }))
      await how(field)
      await page.getByRole('button', { name: say('save') }).click()
      await field.waitFor({ state: 'detached' })
    }
    await change('insight_usd_per_day', (field) => field.fill('3.5'))
    await page.getByText(feedback('usedOf', { used: '$0.00', most: '$3.50' })).waitFor()
    await change('insight_provider', async (field) => {
      await field.click()
      await page.getByRole('option', { name: provider('openai'), exact: true }).click()
    })
    await page.getByText(feedback('ready')).waitFor()
    await page.goto(`${here.server.url}/settings/installation`)
    await page
      .getByRole('listitem')
      .filter({ hasText: 'openai_api_key' })
      .getByText(settings('hidden'))
      .first()
      .waitFor()
    expect(await page.content()).not.toContain(KEY)
    expect((await Promise.all(told)).filter((text) => text.includes(KEY))).toEqual([])
    const values = { insight_usd_per_day: null, insight_provider: null }
    await api(one, here.server, '/system/settings', { values }, 'PATCH')
    one.watch.check()
    await one.context.close()
  })

  test('no part of the settings has faults of access, light or dark', { timeout: 300_000 }, async () => {
    const one = await at('profile')
    const { page } = one
    await api(one, here.server, '/templates/looked', { source: 'extends = "ebu-r128"\n' }, 'PUT')
    const look = async (what: string) => {
      await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').first().waitFor({ state: 'detached' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
        expect(await faultsOf(page), `${what}, ${colorScheme}`).toEqual([])
      }
    }
    for (const section of SECTIONS) {
      await page
        .getByRole('navigation', { name: say('sections') })
        .getByRole('link', { name: say(section) })
        .click()
      await page.waitForURL(`**/settings/${section}`)
      await page.locator('main h2').first().waitFor()
      await look(section)
    }
    await page.goto(`${here.server.url}/settings/templates#qc/looked`)
    for (const tab of ['checks', 'asText', 'tryTab'] as const) {
      await page.getByRole('tab', { name: templates(tab) }).click()
      await page.getByText(templates('valid')).waitFor()
      await look(tab)
    }
    await api(one, here.server, '/templates/looked', undefined, 'DELETE')
    one.watch.check()
    await one.context.close()
  })

  async function settingOf(one: Seat, name: string): Promise<unknown> {
    const { items } = await api<{ items: { name: string; value: unknown }[] }>(one, here.server, '/system/settings')
    return items.find((item) => item.name === name)?.value
  }

  const selected = (field: Locator) =>
    field.evaluate((node) => {
      const { value, selectionStart, selectionEnd } = node as HTMLTextAreaElement
      return value.slice(selectionStart, selectionEnd)
    })
})
