import type { Language } from '@/state/language'
import type { Fields } from '@/state/text'
import { bytes, lasting, percent } from '@/ui/format'
import type { Upload } from './queue'
import type { TEXT } from './text'

type Key = keyof (typeof TEXT)['en']

export interface Outlook {
  readonly tone: 'none' | 'pass' | 'warn' | 'fail'
  readonly parts: readonly { readonly key: Key; readonly fields: Fields }[]
}

export function shareOf(upload: Pick<Upload, 'sent' | 'size'>): number {
  return upload.size > 0 ? Math.min(1, upload.sent / upload.size) : 0
}

/** What is said of an upload now, as keys of the catalogue. */
export function outlook(
  upload: Upload,
  pace: { speed: number | null; left: number | null },
  at: number,
  language: Language,
): Outlook {
  const share = percent(shareOf(upload), language)
  const quiet = (key: Key, fields: Fields = {}): Outlook => ({ tone: 'none', parts: [{ key, fields }] })
  switch (upload.phase) {
    case 'sending': {
      const size = { sent: bytes(upload.sent, language), size: bytes(upload.size, language) }
      const parts: Outlook['parts'][number][] = [{ key: 'sending', fields: size }]
      if (pace.speed) parts.push({ key: 'speed', fields: { speed: bytes(pace.speed, language) } })
      if (pace.left !== null) parts.push({ key: 'left', fields: { time: lasting(pace.left, language) } })
      return { tone: 'none', parts }
    }
    case 'away': {
      const time = lasting(Math.max(1, ((upload.retryAt ?? at) - at) / 1000), language)
      const why = upload.trouble?.message
      return {
        tone: 'warn',
        parts: [why ? { key: 'awayWhy', fields: { why, time } } : { key: 'away', fields: { time } }],
      }
    }
    case 'paused':
    case 'fileless':
      return quiet(upload.phase, { share })
    case 'done':
      return outcomeOf(upload)
    case 'failed': {
      const trouble = upload.trouble
      if (trouble?.code === 'unreadable') return { tone: 'fail', parts: [{ key: 'unreadable', fields: {} }] }
      return {
        tone: 'fail',
        parts: [trouble?.message ? { key: 'told', fields: { text: trouble.message } } : { key: 'failed', fields: {} }],
      }
    }
    default:
      return quiet(upload.phase)
  }
}

function outcomeOf({ outcome, name }: Upload): Outlook {
  if (outcome?.trouble) {
    return { tone: 'warn', parts: [{ key: 'notAnalysed', fields: { why: outcome.trouble.message } }] }
  }
  const parts: Outlook['parts'][number][] = []
  if (outcome?.sameAs) {
    parts.push(
      outcome.sameAs === name ? { key: 'same', fields: {} } : { key: 'sameAs', fields: { name: outcome.sameAs } },
    )
  }
  if (!outcome?.sameAs || outcome.analysisId)
    parts.push({ key: outcome?.analysisId ? 'doneAnalysed' : 'done', fields: {} })
  return { tone: 'pass', parts }
}
