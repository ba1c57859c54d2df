import { columnsOf, fileSystems, type Pick, percentOf, type Sample, spread, timeOf, within } from './samples'

/** A line of a chart before it has values. */
export interface Line {
  readonly label: string
  readonly pick: Pick
  /** Name of a CSS variable. */
  readonly color: string
  readonly dash?: readonly number[]
  readonly isFilled?: boolean
  readonly isThin?: boolean
}

/** What a chart draws: times in seconds since 1970, values of each line beside them. */
export interface Drawn {
  readonly times: readonly number[]
  readonly lines: readonly (Line & { readonly values: readonly (number | null)[] })[]
  readonly from: number
  readonly to: number
  readonly most: number
  readonly unit: string
  /** Drawn across, where there is one. */
  readonly limit: number | null
}

/** Lines over the last `span` seconds. The scale ends at `most`, or above it where values do. */
export function drawnOf(
  samples: readonly Sample[],
  lines: readonly Line[],
  look: { span: number; most: number; unit: string; limit?: number | null },
): Drawn {
  const shown = within(samples, look.span)
  const newest = shown.at(-1)
  const to = newest ? timeOf(newest) : 0
  const { times, values } = columnsOf(
    shown,
    lines.map((line) => line.pick),
  )
  const highest = spread(values.flat())?.most ?? 0
  return {
    times,
    lines: lines.map((line, number) => ({ ...line, values: values[number] ?? [] })),
    from: to - look.span,
    to,
    most: Math.max(look.most, Math.ceil(highest / 10) * 10),
    unit: look.unit,
    limit: look.limit ?? null,
  }
}

/** Free room may fall to `least_gib` before jobs wait: as a level of a disk in percent; null where nothing is kept free. */
export function diskLimit(total_bytes: number, least_gib: number): number | null {
  if (least_gib <= 0 || total_bytes <= 0) return null
  const level = 100 * (1 - (least_gib * 2 ** 30) / total_bytes)
  return level <= 0 ? null : Math.floor(level * 10) / 10
}

/** How full the disk is that a folder lies on. */
export function diskPick(name: string): Pick {
  return (sample) => {
    const disk = sample.disks.find((one) => one.name === name)
    return disk ? percentOf(disk.total_bytes - disk.free_bytes, disk.total_bytes) : null
  }
}

/** One line a disk, not one a folder. */
export function diskNames(samples: readonly Sample[]): string[][] {
  return fileSystems(samples.at(-1)?.disks ?? []).map((disk) => [...disk.names])
}
