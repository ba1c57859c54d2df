import { queryOptions } from '@tanstack/react-query'
import { asked, client, type Schemas } from '@/api/client'

/** A limit of a check; its values are what TOML can hold. */
export type Parameter = Schemas['ParameterView']
export type PlannedCheck = Schemas['CheckPlanView']
export type TermPlan = Schemas['TermPlanView']
export type Resolved = Schemas['ResolvedView']

/** The text of a template and what it comes to. */
export interface Text {
  readonly source: string
  /** Null where it cannot be understood. */
  readonly resolved: Resolved | null
}

type Desk = 'qc' | 'interview'

export function templatesOf(desk: string, workspaceId: string) {
  return queryOptions({
    queryKey: ['templates', 'list', workspaceId, desk],
    queryFn: async () =>
      (
        await asked(
          client.GET('/api/v1/templates', { params: { query: { workspace_id: workspaceId, desk: desk as Desk } } }),
        )
      ).items,
    staleTime: 60_000,
  })
}

export function templateOf(desk: string, name: string, workspaceId: string) {
  return queryOptions({
    queryKey: ['templates', 'one', workspaceId, desk, name],
    queryFn: (): Promise<Text> =>
      asked(
        client.GET('/api/v1/templates/{name}', {
          params: { path: { name }, query: { workspace_id: workspaceId, desk: desk as Desk } },
        }),
      ),
    staleTime: 60_000,
  })
}

/** What a text that is kept under no name comes to. */
export function checkedTemplate(desk: string, name: string, source: string, workspaceId: string) {
  return queryOptions({
    queryKey: ['templates', 'checked', workspaceId, desk, name, source],
    queryFn: async (): Promise<Text> => {
      const body = { desk: desk as Desk, source, name, workspace_id: workspaceId }
      const { resolved } = await asked(client.POST('/api/v1/templates/check', { body }))
      return { source, resolved }
    },
    staleTime: 60_000,
  })
}

export function titleOf(template: Schemas['TemplateView'], language: 'en' | 'ko'): string {
  return template.title[language] || template.title.en || template.name
}

const EDITED = '-edited'
const LONGEST_NAME = 100

/** What a judgement by changed limits is called, so that it is not taken for the template itself. */
export function editedName(name: string): string {
  return name.endsWith(EDITED) ? name : `${name.slice(0, LONGEST_NAME - EDITED.length)}${EDITED}`
}

/** The template whose limits were changed; null for one that is itself. */
export function baseOf(name: string): string | null {
  return name.endsWith(EDITED) ? name.slice(0, -EDITED.length) : null
}

export function isTemplateName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) && !/\.(toml|ya?ml)$/.test(name)
}
