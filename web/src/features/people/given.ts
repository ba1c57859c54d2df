/** What somebody fills in to record a consent. `at` is local time, as a field of the browser holds it. */
export interface Given {
  readonly subject: string
  readonly contact: string
  readonly purpose: string
  readonly policy: string
  readonly language: string
  readonly at: string
  readonly text: string
}

export type Wrong = Partial<Record<keyof Given, 'required' | 'inFuture' | 'languageWrong'>>

const AHEAD_MS = 5 * 60_000
const NEEDED = ['subject', 'purpose', 'policy', 'text', 'at'] as const

/** What is missing or cannot be; nothing where it can be recorded. */
export function wrongIn(given: Given, now: number): Wrong {
  const wrong: Wrong = {}
  for (const name of NEEDED) if (given[name].trim() === '') wrong[name] = 'required'
  if (!wrong.at && !(new Date(given.at).getTime() <= now + AHEAD_MS)) wrong.at = 'inFuture'
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(given.language)) wrong.language = 'languageWrong'
  return wrong
}

/** Local time as `datetime-local` fields hold it, to the minute. */
export function localMinute(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`
}
