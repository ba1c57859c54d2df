import { expect, test } from 'vitest'
import { agentOf } from '@/features/settings/agents'
import { detailsOf, NOUNS, queryOf, subjectOf } from '@/features/settings/audit'
import { shareOf } from '@/features/settings/budgets'
import { policiesOf } from '@/features/settings/policies'
import { SECTIONS, sectionOf, sectionsFor } from '@/features/settings/sections'
import { ACTIONS, AUDIT } from '@/features/settings/textAudit'
import { grouped, kindOf, numberOf, shownValue, unitOf, variableOf } from '@/features/settings/values'

const owner = [{ id: 'w', name: 'W', role: 'owner' as const, created_at: '' }]
const viewer = [{ id: 'w', name: 'W', role: 'viewer' as const, created_at: '' }]

test('administrators see every part, owners the audit, others neither users nor the installation', () => {
  expect(sectionsFor({ is_admin: true, workspaces: [] })).toEqual([...SECTIONS])
  const owned = sectionsFor({ is_admin: false, workspaces: owner })
  expect(owned).toContain('audit')
  expect(owned).not.toContain('users')
  expect(sectionsFor({ is_admin: false, workspaces: viewer })).not.toContain('audit')
})

test('an address without a part is the first one, a part that is not for somebody is none', () => {
  expect(sectionOf(undefined, ['profile', 'tokens'])).toBe('profile')
  expect(sectionOf('tokens', ['profile', 'tokens'])).toBe('tokens')
  expect(sectionOf('users', ['profile', 'tokens'])).toBeNull()
})

test('browsers and programs are called by the names people know', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36'
  expect(agentOf(chrome)).toBe('Chrome · Windows')
  expect(agentOf(`${chrome} Edg/130.0`)).toBe('Edge · Windows')
  expect(
    agentOf('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'),
  ).toBe('Safari · iPhone')
  expect(agentOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0')).toBe(
    'Firefox · macOS',
  )
  expect(agentOf('curl/7.88.1')).toBe('curl')
  expect(agentOf('')).toBe('–')
})

test('a setting is edited with what fits what it holds', () => {
  expect(kindOf({ name: 'interview_policies', value: [] })).toBe('policies')
  expect(kindOf({ name: 'insight_provider', value: 'none' })).toBe('provider')
  expect(kindOf({ name: 'max_cpu_percent', value: 80 })).toBe('number')
  expect(kindOf({ name: 'isolate', value: false })).toBe('bool')
  expect(kindOf({ name: 'insight_model', value: null })).toBe('text')
})

test('secrets stay hidden, nothing is nothing, lists are read in a row', () => {
  expect(shownValue('***')).toEqual({ as: 'hidden' })
  for (const nothing of [null, '', []]) expect(shownValue(nothing)).toEqual({ as: 'nothing' })
  expect(shownValue(0)).toEqual({ as: 'text', text: '0' })
  expect(shownValue(false)).toEqual({ as: 'no' })
  expect(shownValue(['127.0.0.1', '::1'])).toEqual({ as: 'text', text: '127.0.0.1, ::1' })
})

test('what is typed is a number of at least nothing, or none at all', () => {
  expect(numberOf('2.5')).toBe(2.5)
  expect(numberOf(0)).toBe(0)
  for (const typed of ['', ' ', 'x', '-1', Number.NaN, Number.POSITIVE_INFINITY])
    expect(numberOf(typed)).toBeUndefined()
})

test('numbers stand with their units and settings with their variables', () => {
  expect(unitOf('insight_usd_per_day')).toBe('usd')
  expect(unitOf('insight_tokens_per_month')).toBe('tokens')
  expect(unitOf('keep_jobs_days')).toBe('days')
  expect(unitOf('max_upload_gb')).toBe('gib')
  expect(unitOf('port')).toBeNull()
  expect(variableOf('max_cpu_percent')).toBe('SIGHTLINE_MAX_CPU_PERCENT')
})

test('settings are found by name and by meaning, under their headings', () => {
  const setting = (name: string, group: string, more: object = {}) => ({
    name, group, meaning: { en: `about ${name}`, ko: '설명' }, value: 1, source: null, is_changeable: false, ...more,
  }) // biome-ignore format: one shape, one line
  const items = [
    setting('port', 'Listening', { source: 'SIGHTLINE_PORT' }),
    setting('host', 'Listening'),
    setting('keep_jobs_days', 'Keeping', { is_changeable: true, meaning: { en: 'Finished jobs', ko: '끝난 작업' } }),
  ]
  expect(grouped(items, { wanted: '', only: 'all' }).map((found) => found.items.length)).toEqual([2, 1])
  expect(grouped(items, { wanted: '끝난', only: 'all' })[0]?.items[0]?.name).toBe('keep_jobs_days')
  expect(grouped(items, { wanted: 'PORT', only: 'all' })[0]?.items).toHaveLength(1)
  expect(grouped(items, { wanted: '', only: 'changeable' }).map((found) => found.group)).toEqual(['Keeping'])
  expect(grouped(items, { wanted: '', only: 'set' })[0]?.items[0]?.name).toBe('port')
})

test('policies that are not allowed here are shown as such, by the words the server has for them', () => {
  const hiring = {
    id: 'hiring',
    name: { en: 'Hiring' },
    meaning: { en: 'At work' },
    needs_consent: true,
    denies: ['emotion'],
  }
  const words = {
    'policy.hiring.name': 'Hiring',
    'policy.research.name': 'Research',
    'policy.research.meaning': 'Studied',
  }
  const found = policiesOf([hiring], { ...words, 'policy.denies.emotion': 'Emotion' }, 'en')
  expect(found.map((policy) => [policy.id, policy.isAllowed])).toEqual([
    ['hiring', true],
    ['research', false],
  ])
  expect(found[1]?.meaning).toBe('Studied')
})

test('a budget of nothing is used up by the first cent', () => {
  expect(shareOf(0, 0)).toBe(0)
  expect(shareOf(0.01, 0)).toBe(1)
  expect(shareOf(1, 4)).toBe(0.25)
})

test('the audit is asked for whole days as the reader has them', () => {
  const query = queryOf({ workspace_id: null, noun: 'video', from: '2026-11-20', to: '2026-11-21' })
  expect(query.action).toBe('video')
  expect(query.workspace_id).toBeUndefined()
  expect(new Date(query.since as string).getTime()).toBe(new Date('2026-11-20T00:00:00').getTime())
  expect(new Date(query.until as string).getTime()).toBe(new Date('2026-11-22T00:00:00').getTime())
  expect(queryOf({ workspace_id: 'w', noun: null, from: '', to: 'x' })).toEqual({
    workspace_id: 'w', action: undefined, since: undefined, until: undefined,
  }) // biome-ignore format: one shape, one line
})

test('lines of the audit are taken apart without losing anything', () => {
  expect(subjectOf('video:01a1')).toEqual({ noun: 'video', id: '01a1' })
  expect(subjectOf('template:qc/house:2')).toEqual({ noun: 'template', id: 'qc/house:2' })
  expect(subjectOf('installation')).toEqual({ noun: 'installation', id: '' })
  expect(detailsOf({ role: 'viewer', is_admin: false, none: null, empty: '' })).toEqual([
    'role: viewer',
    'is_admin: false',
  ])
})

test('every kind of action can be chosen and has a name', () => {
  for (const action of Object.keys(ACTIONS.en)) expect(NOUNS).toContain(action.split('.')[0])
  for (const noun of NOUNS) expect(AUDIT.en[noun]).toBeTruthy()
})
