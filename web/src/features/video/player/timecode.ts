/** Pictures a second as the container writes them: 30000/1001. */
export interface Rate {
  readonly count: number
  readonly per: number
}

const FAMILIAR: readonly Rate[] = [
  ...[10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 144, 240].map((count) => ({ count, per: 1 })),
  ...[12, 15, 24, 30, 48, 60, 120].map((count) => ({ count: count * 1000, per: 1001 })),
]
const LONGEST_DENOMINATOR = 1001

export function perSecond(rate: Rate): number {
  return rate.count / rate.per
}

/** The exact rate that a rounded one stands for: 29.97 is 30000/1001. Null where there is none. */
export function rateOf(value: number | null | undefined): Rate | null {
  if (!value || !Number.isFinite(value) || value <= 0) return null
  const near = FAMILIAR.filter((rate) => Math.abs(perSecond(rate) - value) / value < 2e-4)
  if (near.length > 0) return near.reduce((best, rate) => (away(rate, value) < away(best, value) ? rate : best))
  for (let per = 1; per <= LONGEST_DENOMINATOR; per++) {
    const count = Math.round(value * per)
    if (Math.abs(count / per - value) / value < 1e-7) return { count, per }
  }
  return { count: Math.round(value * 1000), per: 1000 }
}

function away(rate: Rate, value: number): number {
  return Math.abs(perSecond(rate) - value)
}

/** `30000/1001` as text. Null for anything else. */
export function rateFromText(text: string | null | undefined): Rate | null {
  const found = /^(\d+)(?:\/(\d+))?$/.exec(text ?? '')
  const rate = found ? { count: Number(found[1]), per: Number(found[2] ?? 1) } : null
  return rate && rate.count > 0 && rate.per > 0 ? rate : null
}

/** Whether labels can be dropped at this rate: 29.97 and 59.94 only (SMPTE ST 12-1). */
export function canDrop(rate: Rate): boolean {
  return rate.per === 1001 && (rate.count === 30_000 || rate.count === 60_000)
}

/** Time code of a frame number: `01:00:00:00`, or `01:00:00;00` with dropped labels. It begins anew after 24 hours. */
export function timecode(frame: number, rate: Rate, isDrop = false): string {
  const nominal = Math.max(1, Math.round(perSecond(rate)))
  const drops = isDrop && canDrop(rate)
  const day = drops ? framesOfDay(nominal) : nominal * 86_400
  let label = ((frame % day) + day) % day
  if (drops) label = labelled(label, nominal)
  const width = nominal > 100 ? 3 : 2
  const whole = Math.floor(label / nominal)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) => pad(part, 2))
  return `${parts.join(':')}${drops ? ';' : ':'}${pad(label % nominal, width)}`
}

/** The frame number of a time code. Null for what is none at this rate, among them the labels that are dropped. */
export function frameOfTimecode(text: string, rate: Rate): number | null {
  const found = /^(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$/.exec(text.trim())
  if (!found) return null
  const nominal = Math.max(1, Math.round(perSecond(rate)))
  const [hours, minutes, secs, frames] = [found[1], found[2], found[3], found[5]].map(Number) as [
    number, number, number, number,
  ] // biome-ignore format: one tuple
  if (minutes > 59 || secs > 59 || frames >= nominal) return null
  const count = ((hours * 60 + minutes) * 60 + secs) * nominal + frames
  if (!isDropText(text) || !canDrop(rate)) return count
  const dropped = nominal / 15
  if (frames < dropped && secs === 0 && minutes % 10 !== 0) return null
  const total = hours * 60 + minutes
  return count - dropped * (total - Math.floor(total / 10))
}

/** Drop-frame time code is written with a semicolon, or a full stop, before the pictures. */
export function isDropText(text: string): boolean {
  return /[;.]\d{2,3}$/.test(text.trim())
}

/** The label of a count: two labels of each minute but every tenth are left out, four at 59.94. */
function labelled(frame: number, nominal: number): number {
  const dropped = nominal / 15
  const ofTen = nominal * 600 - dropped * 9
  const ofOne = nominal * 60 - dropped
  const tens = Math.floor(frame / ofTen)
  const rest = frame % ofTen
  const minutes = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / ofOne)
  return frame + dropped * (tens * 9 + minutes)
}

function framesOfDay(nominal: number): number {
  return (nominal * 600 - (nominal / 15) * 9) * 144
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
