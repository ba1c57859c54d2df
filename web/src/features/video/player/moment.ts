import { type Seconds, seconds } from '@/state/seconds'
import { clock } from '@/ui/format'
import type { Pictures } from './pictures'
import { frameOfTimecode, isDropText, perSecond, timecode } from './timecode'

/** How times are written for a media: its pictures, and the time code its first picture has. */
export interface Writing {
  readonly pictures: Pictures | null
  /** `01:00:00:00` of the first picture, as the file says; null where it says none. */
  readonly startTimecode: string | null
}

/** The time code of a moment; null without pictures. */
export function timecodeAt({ pictures, startTimecode }: Writing, at: number): string | null {
  if (!pictures) return null
  const start = startTimecode ? frameOfTimecode(startTimecode, pictures.rate) : null
  const isDrop = startTimecode !== null && isDropText(startTimecode)
  return timecode(pictures.at(at) + (start ?? 0), pictures.rate, isDrop)
}

/** A moment as it is written beside a finding: time code, or minutes and seconds for sound alone. */
export function momentText(writing: Writing, at: number): string {
  return timecodeAt(writing, at) ?? clock(at, 3)
}

/** The label of a ruler: only as fine as its steps. */
export function rulerText(writing: Writing, at: number, step: number): string {
  if (step >= 1) return clock(at)
  if (writing.pictures && perSecond(writing.pictures.rate) >= 2) {
    return timecodeAt(writing, at + 1e-4) ?? clock(at, 2)
  }
  return clock(at, step < 0.01 ? 3 : step < 0.1 ? 2 : 1)
}

/** What somebody typed: `1:02.5`, `62.5`, `00:01:02:12`, `#1550`. Null for anything else. */
export function momentFromText(text: string, { pictures, startTimecode }: Writing): Seconds | null {
  const typed = text.trim()
  const frame = /^#\s*(\d+)$/.exec(typed)
  if (frame) return pictures?.startOf(Number(frame[1])) ?? null
  if (pictures) {
    const found = frameOfTimecode(typed, pictures.rate)
    const start = (startTimecode && frameOfTimecode(startTimecode, pictures.rate)) || 0
    if (found !== null) return pictures.startOf(Math.max(0, found - start))
  }
  const parts = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d+)?)$/.exec(typed)
  if (!parts) return null
  return seconds(
    Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number((parts[3] ?? '0').replace(',', '.')),
  )
}
