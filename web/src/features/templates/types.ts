import type { Schemas } from '@/api/client'

export type Desk = 'qc' | 'interview'
export type Template = Schemas['TemplateDetail']
export type Listed = Schemas['TemplateView']
export type Resolved = Schemas['ResolvedView']
export type ResolvedCheck = Schemas['CheckPlanView']
export type Parameter = Schemas['ParameterView']
export type ResolvedScore = Schemas['ScorePlanView']
export type ResolvedTerm = Schemas['TermPlanView']
export type Problem = Schemas['MistakeView']

export function deskOf(desk: string): Desk {
  return desk === 'interview' ? 'interview' : 'qc'
}
