import type { Language } from '@/state/language'

const DASH = '–'

/** `1:02:03.040`, `2:03.040`: hours only where there are some. */
export function clock(seconds: number, decimals = 0): string {
  if (!Number.isFinite(seconds)) return DASH
  const unit = 10 ** decimals
  const whole = Math.round(Math.abs(seconds) * unit)
  const s = (whole / unit) % 60
  const minutes = Math.floor(whole / unit / 60)
  const h = Math.floor(minutes / 60)
  const tail = `${String(minutes % 60).padStart(h ? 2 : 1, '0')}:${s.toFixed(decimals).padStart(decimals ? 3 + decimals : 2, '0')}`
  return `${seconds < 0 && whole > 0 ? '-' : ''}${h ? `${h}:` : ''}${tail}`
}

export function bytes(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined) return DASH
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${number(value / 1000 ** power, language, power && value / 1000 ** power < 100 ? 1 : 0)} ${units[power]}`
}

const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

/** Making one takes longer than a thousand uses of it. */
function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options)
  const found = numbers.get(key) ?? new Intl.NumberFormat(language, options)
  numbers.set(key, found)
  return found
}

function dateFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options)
  const found = dates.get(key) ?? new Intl.DateTimeFormat(language, options)
  dates.set(key, found)
  return found
}

export function number(value: number | null | undefined, language: Language, decimals = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH
  return numberFormat(language, { maximumFractionDigits: decimals }).format(value)
}

export function percent(share: number | null | undefined, language: Language, decimals = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return DASH
  return numberFormat(language, { style: 'percent', maximumFractionDigits: decimals }).format(share)
}

export function day(moment: string | null | undefined, language: Language): string {
  return moment ? dateFormat(language, { dateStyle: 'medium' }).format(new Date(moment)) : DASH
}

export function moment(at: string | null | undefined, language: Language): string {
  if (!at) return DASH
  return dateFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at))
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** `3 minutes ago`; the date for what is older than a week. */
export function ago(at: string, language: Language, now = Date.now()): string {
  const past = (new Date(at).getTime() - now) / 1000
  if (Math.abs(past) > 7 * 86_400) return day(at, language)
  const speak = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  for (const [unit, size] of STEPS) if (Math.abs(past) >= size) return speak.format(Math.round(past / size), unit)
  return speak.format(0, 'second')
}

/** How long something takes, for people: `2 h 5 min`, `40 s`. */
export function lasting(seconds: number | null | undefined, language: Language): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH
  const part = (value: number, unit: string) =>
    numberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value)
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return part(whole, 'second')
  if (whole < 3600) {
    const rest = whole % 60
    return rest && whole < 600
      ? `${part(Math.floor(whole / 60), 'minute')} ${part(rest, 'second')}`
      : part(Math.round(whole / 60), 'minute')
  }
  const minutes = Math.floor((whole % 3600) / 60)
  const hours = part(Math.floor(whole / 3600), 'hour')
  return minutes ? `${hours} ${part(minutes, 'minute')}` : hours
}
