/** J and L pressed again and again go faster, as on a shuttle wheel. */
const SPEEDS = [1, 2, 4, 8] as const
export const FASTEST = SPEEDS[SPEEDS.length - 1] as number

/** The speed after another press: from a standstill or the other direction it begins at 1. */
export function faster(speed: number, isPlaying: boolean, direction: 1 | -1): number {
  if (!isPlaying || Math.sign(speed) !== direction) return direction
  return direction * (SPEEDS.find((next) => next > Math.abs(speed)) ?? FASTEST)
}

export const MENU: readonly number[] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 4, 8]
