import type { Judgement, Scalar } from '@/api/judgement'
import { type Shown, valueText } from '../values'

const ORDER = ['policy', 'language', 'emotion', 'opt_out', 'voices', 'calibration', 'questions', 'questions_placed']
/** The record itself is shown, not its number. */
const LEFT_OUT = new Set(['consent'])

/** What the desk was told to heed, in words; what says nothing is left out. */
export function notesOf(judgement: Judgement, shown: Shown): readonly (readonly [string, string])[] {
  const notes = judgement.notes ?? {}
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return Object.entries(notes)
    .filter(([name, value]) => !LEFT_OUT.has(name) && saysSomething(name, value, notes))
    .toSorted((a, b) => rank(a[0]) - rank(b[0]))
    .map(([name, value]) => [
      shown.word(`note.${name}`, name.replaceAll('_', ' ')),
      shown.word(`told.${name}.${value}`, valueText(value, null, shown)),
    ])
}

function saysSomething(name: string, value: Scalar, notes: Readonly<Record<string, Scalar>>): boolean {
  if (value === null || value === '') return false
  if (name === 'questions_outside') return value !== 0
  return !(name.startsWith('questions') && notes.questions === 0)
}

/** The question of an answer; null for the whole recording. */
export function partTitle(judgement: Judgement, part: string | null): string | null {
  return part === null ? null : ((judgement.parts ?? []).find((one) => one.id === part)?.title ?? part)
}
