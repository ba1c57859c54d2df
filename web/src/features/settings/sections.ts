import type { Who } from '@/state/session'

/** The parts of the settings, in order; the last word of the address. */
export const SECTIONS = [
  'profile', 'tokens', 'workspaces', 'templates', 'policies', 'feedback', 'users', 'installation', 'audit',
] as const // biome-ignore format: one order, one line

export type SectionId = (typeof SECTIONS)[number]

/** The parts that are for somebody: users and the installation for administrators, the audit for owners as well. */
export function sectionsFor(who: Pick<Who, 'is_admin' | 'workspaces'>): SectionId[] {
  const ownsOne = who.workspaces.some((workspace) => workspace.role === 'owner')
  return SECTIONS.filter((section) => {
    if (section === 'users' || section === 'installation') return who.is_admin
    if (section === 'audit') return who.is_admin || ownsOne
    return true
  })
}

/** The part an address names, the first one where it names none. */
export function sectionOf(named: string | undefined, allowed: readonly SectionId[]): SectionId | null {
  if (!named) return allowed[0] ?? null
  return allowed.find((section) => section === named) ?? null
}
