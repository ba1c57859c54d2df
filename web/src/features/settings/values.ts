/** Values of settings: what to edit them with, how they read, and what is typed as a value again. */

export type Kind = 'policies' | 'provider' | 'number' | 'text' | 'list' | 'bool'

export const PROVIDERS = ['none', 'openai', 'anthropic', 'google', 'openai_compatible'] as const
const HIDDEN = '***'

export interface Setting {
  readonly name: string
  readonly group: string
  readonly value: unknown
  readonly source: string | null
  readonly is_changeable: boolean
}

export function kindOf({ name, value }: Pick<Setting, 'name' | 'value'>): Kind {
  if (name === 'interview_policies') return 'policies'
  if (name === 'insight_provider') return 'provider'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'number'
  return Array.isArray(value) ? 'list' : 'text'
}

export type Shown =
  | { readonly as: 'nothing' | 'hidden' | 'yes' | 'no' }
  | { readonly as: 'text'; readonly text: string }

/** How a value reads: secrets stay hidden, an empty one is nothing. */
export function shownValue(value: unknown): Shown {
  if (value === HIDDEN) return { as: 'hidden' }
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return { as: 'nothing' }
  if (typeof value === 'boolean') return { as: value ? 'yes' : 'no' }
  return { as: 'text', text: Array.isArray(value) ? value.join(', ') : String(value) }
}

/** A number that is typed: undefined for what is none, and for one below nothing. */
export function numberOf(typed: string | number): number | undefined {
  const value = typeof typed === 'number' ? typed : typed.trim() === '' ? Number.NaN : Number(typed)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Dollars and percent have parts; tokens, days and jobs have none. */
export function decimalsOf(name: string): number {
  if (name.includes('_usd_')) return 4
  return name.endsWith('_percent') ? 1 : 0
}

/** What stands behind a number. */
export function unitOf(
  name: string,
): 'usd' | 'tokens' | 'percent' | 'days' | 'hours' | 'minutes' | 'seconds' | 'gib' | 'mib' | null {
  if (name.includes('_usd_')) return 'usd'
  if (name.includes('_tokens_')) return 'tokens'
  if (name.endsWith('_percent')) return 'percent'
  if (name.endsWith('_days')) return 'days'
  if (name.endsWith('_hours')) return 'hours'
  if (name.endsWith('_minutes')) return 'minutes'
  if (name.endsWith('_s')) return 'seconds'
  if (name.endsWith('_gb')) return 'gib'
  return name.endsWith('_mb') ? 'mib' : null
}

/** The name of a setting in the environment. */
export function variableOf(name: string): string {
  return `SIGHTLINE_${name.toUpperCase()}`
}

export interface Narrowed {
  readonly wanted: string
  readonly only: 'all' | 'changeable' | 'set'
}

/** Settings by heading, in their order, narrowed to what is looked for. */
export function grouped<Item extends Setting & { readonly meaning: Readonly<Record<string, string>> }>(
  items: readonly Item[],
  { wanted, only }: Narrowed,
): { group: string; items: Item[] }[] {
  const looked = wanted.trim().toLowerCase()
  const found: { group: string; items: Item[] }[] = []
  for (const item of items) {
    if (only === 'changeable' && !item.is_changeable) continue
    if (only === 'set' && item.source === null) continue
    const text = `${item.name} ${Object.values(item.meaning).join(' ')}`.toLowerCase()
    if (looked !== '' && !text.includes(looked)) continue
    const last = found.at(-1)
    if (last?.group === item.group) last.items.push(item)
    else found.push({ group: item.group, items: [item] })
  }
  return found
}
