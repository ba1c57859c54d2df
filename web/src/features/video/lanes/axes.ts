import { extremes } from './curve'
import { codeRange, type Group, signalsOf } from './groups'
import type { Axis } from './paint'
import type { Tiles } from './tiles'

/** Degrees either way that an axis of angles can have. */
const ANGLES = [20, 35, 65, 95, 180] as const
const WHOLE = { level: 0, index: 0 }

/** From where to where a lane reaches; null before anything of it came. */
export function axisOf(group: Group, tiles: Tiles): Axis | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const name of signalsOf(group)) {
    const curve = tiles.get(name, WHOLE)
    const found = curve && extremes(curve)
    if (!found) continue
    low = Math.min(low, found.low)
    high = Math.max(high, found.high)
  }
  if (low > high) return group.range ? { low: group.range[0], high: group.range[1] } : null
  return axisFor(group, low, high)
}

export function axisFor(group: Pick<Group, 'range' | 'unit'>, low: number, high: number): Axis {
  if (group.unit === 'deg') {
    const most = Math.max(Math.abs(low), Math.abs(high), group.range ? group.range[1] : 0)
    const bound = ANGLES.find((angle) => angle >= most) ?? 180
    return { low: -bound, high: bound }
  }
  if (group.range) return { low: group.range[0], high: group.range[1] }
  if (group.unit === 'code') {
    const [least, most] = codeRange(high)
    return { low: least, high: most }
  }
  if (low >= 0) return { low: 0, high: rounded(Math.max(high, low)) }
  if (low === high) return { low: low - 1, high: high + 1 }
  const room = (high - low) * 0.05
  return { low: low - room, high: high + room }
}

/** The next round number: 1, 2, 2.5 or 5 times a power of ten. A lane of nothing but zeros reaches to 1. */
function rounded(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((times) => times * power >= value * (1 - 1e-9)) ?? 10) * power
}
