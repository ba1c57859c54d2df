/** Samples of the machine, as `GET /system/samples` gives them, and what charts and tables are made of. */

export interface Disk {
  readonly name: string
  readonly path: string
  readonly free_bytes: number
  readonly total_bytes: number
}

export interface Gpu {
  readonly name: string
  readonly load_percent: number | null
  readonly memory_used_bytes: number | null
  readonly memory_total_bytes: number | null
  readonly temperature_c: number | null
}

export interface Sample {
  readonly at: string
  readonly core_percents: readonly number[]
  readonly cpu_percent: number
  readonly own_cpu_percent: number
  readonly others_cpu_percent: number
  readonly load: readonly number[]
  readonly memory_percent: number
  readonly memory_used_bytes: number
  readonly memory_total_bytes: number
  readonly own_memory_bytes: number
  readonly own_processes: number
  readonly disks: readonly Disk[]
  readonly gpus: readonly Gpu[]
}

/** Samples are kept for so long, as by the server. */
export const KEPT_S = 3600
/** Samples farther apart than this have a gap between them: nothing is drawn across it. */
const GAP_S = 20

export type Pick = (sample: Sample) => number | null | undefined

/** When a sample was taken, in seconds since 1970. */
export function timeOf(sample: Sample): number {
  return Date.parse(sample.at) / 1000
}

/** What was kept and what came, in order of time, each sample once, of the last hour before the newest. */
export function joined(kept: readonly Sample[], fresh: readonly Sample[]): Sample[] {
  const known = new Map<string, Sample>()
  for (const sample of [...kept, ...fresh]) known.set(sample.at, sample)
  const ordered = [...known.values()].sort((one, other) => timeOf(one) - timeOf(other))
  return within(ordered, KEPT_S)
}

/** The last `span` seconds before the newest sample: by the clock of the server, whatever that of the browser says. */
export function within(samples: readonly Sample[], span: number): Sample[] {
  const newest = samples.at(-1)
  if (!newest) return []
  const from = timeOf(newest) - span
  return samples.filter((sample) => timeOf(sample) >= from)
}

export interface Columns {
  readonly times: readonly number[]
  readonly values: readonly (readonly (number | null)[])[]
}

/** A column of times and one for each pick; a row of nothing where the samples have a gap. */
export function columnsOf(samples: readonly Sample[], picks: readonly Pick[]): Columns {
  const times: number[] = []
  const values: (number | null)[][] = picks.map(() => [])
  let last: number | null = null
  for (const sample of samples) {
    const at = timeOf(sample)
    if (last !== null && at - last > GAP_S) {
      times.push((at + last) / 2)
      for (const column of values) column.push(null)
    }
    times.push(at)
    for (const [number, pick] of picks.entries()) values[number]?.push(pick(sample) ?? null)
    last = at
  }
  return { times, values }
}

export interface Spread {
  readonly least: number
  readonly mean: number
  readonly most: number
}

/** Least, mean and greatest of what was told; null where nothing was. */
export function spread(values: readonly (number | null | undefined)[]): Spread | null {
  const told = values.filter((value): value is number => value !== null && value !== undefined)
  if (told.length === 0) return null
  return {
    least: Math.min(...told),
    mean: told.reduce((sum, value) => sum + value, 0) / told.length,
    most: Math.max(...told),
  }
}

export interface MinuteRow {
  /** Its first second, since 1970. */
  readonly at: number
  readonly spreads: readonly (Spread | null)[]
}

/** The same as a table: a row for every minute that has samples, the newest first. */
export function minutesOf(samples: readonly Sample[], picks: readonly Pick[]): MinuteRow[] {
  const byMinute = new Map<number, Sample[]>()
  for (const sample of samples) {
    const minute = Math.floor(timeOf(sample) / 60) * 60
    byMinute.set(minute, [...(byMinute.get(minute) ?? []), sample])
  }
  return [...byMinute.entries()]
    .sort(([one], [other]) => other - one)
    .map(([at, inside]) => ({ at, spreads: picks.map((pick) => spread(inside.map(pick))) }))
}

/**
 * How busy each core was, for a strip of `width` steps over the last `span` seconds: the greatest load of each step in
 * percent, null where there was no sample. `[core][step]`.
 */
export function coreSteps(samples: readonly Sample[], span: number, width: number): (number | null)[][] {
  const newest = samples.at(-1)
  if (!newest || width < 1) return []
  const end = timeOf(newest)
  const steps = newest.core_percents.map(() => new Array<number | null>(width).fill(null))
  for (const sample of samples) {
    const step = Math.min(width - 1, Math.floor(((timeOf(sample) - (end - span)) / span) * width))
    if (step < 0) continue
    sample.core_percents.forEach((percent, core) => {
      const row = steps[core]
      if (row) row[step] = Math.max(row[step] ?? 0, percent)
    })
  }
  return steps.map(filled)
}

/** A step between two samples that follow each other has no sample of its own: it shows the one before it. */
function filled(row: (number | null)[]): (number | null)[] {
  const told = row.filter((value) => value !== null).length
  const reach = told > 1 ? Math.ceil((row.length / told) * 2) : 0
  let last: number | null = null
  let age = 0
  return row.map((value) => {
    if (value !== null) {
      last = value
      age = 0
      return value
    }
    age += 1
    return age <= reach ? last : null
  })
}

export interface FileSystem {
  /** What lies on it: `data`, `work`, `archive`. */
  readonly names: readonly string[]
  readonly free_bytes: number
  readonly total_bytes: number
}

/** Folders on the same disk are one disk: it has the same size and the same room. */
export function fileSystems(disks: readonly Disk[]): FileSystem[] {
  const found: { names: string[]; free_bytes: number; total_bytes: number }[] = []
  for (const disk of disks) {
    const same = found.find(
      (one) =>
        one.total_bytes === disk.total_bytes && Math.abs(one.free_bytes - disk.free_bytes) < one.total_bytes / 1000,
    )
    if (same) same.names.push(disk.name)
    else found.push({ names: [disk.name], free_bytes: disk.free_bytes, total_bytes: disk.total_bytes })
  }
  return found
}

/** 0 to 100; null where it cannot be said. */
export function percentOf(part: number | null | undefined, whole: number | null | undefined): number | null {
  if (part === null || part === undefined || !whole) return null
  return Math.min(100, Math.max(0, (100 * part) / whole))
}
