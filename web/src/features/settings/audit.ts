/** Lines of the audit for reading. */

/** What an action is about: `video.removed` is about videos. The order of the choice. */
export const NOUNS = [
  'sign_in', 'session', 'user', 'link', 'token', 'workspace', 'member', 'share', 'video', 'media', 'upload', 'watch',
  'analysis', 'template', 'consent', 'job', 'settings', 'model', 'retention', 'library', 'installation',
] as const // biome-ignore format: one order, one list

export interface Wanted {
  /** None: of the whole installation. */
  readonly workspace_id: string | null
  readonly noun: string | null
  /** `2026-11-21`, both ends included. */
  readonly from: string
  readonly to: string
}

export interface Query {
  workspace_id?: string
  action?: string
  since?: string
  until?: string
}

/** What is asked of the API: days as the reader's clock has them, `until` not itself included. */
export function queryOf({ workspace_id, noun, from, to }: Wanted): Query {
  const day = (text: string, days: number): string | undefined => {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
    const at = new Date(`${text}T00:00:00`)
    at.setDate(at.getDate() + days)
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
  }
  return {
    workspace_id: workspace_id ?? undefined,
    action: noun ?? undefined,
    since: day(from, 0),
    until: day(to, 1),
  }
}

/** `video:01a1…` apart: what kind of thing, and which. */
export function subjectOf(subject: string): { noun: string; id: string } {
  const at = subject.indexOf(':')
  return at < 0 ? { noun: subject, id: '' } : { noun: subject.slice(0, at), id: subject.slice(at + 1) }
}

/** Details as they were written down: `role: viewer`. Nothing that is empty. */
export function detailsOf(details: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
}
