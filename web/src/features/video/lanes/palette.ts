import { type Packed, packed } from './raster'

/** What the lanes are painted with, as the page's colour scheme has it now. */
export interface Palette {
  readonly ground: Packed
  readonly stripe: Packed
  readonly line: Packed
  readonly accent: Packed
  readonly severities: readonly [Packed, Packed, Packed]
  readonly curves: readonly Packed[]
  readonly css: {
    readonly ink: string
    readonly quiet: string
    readonly ground: string
    readonly line: string
    readonly accent: string
    readonly severities: readonly [string, string, string]
    readonly curves: readonly string[]
  }
}

/** How many colours curves have (`--curve-0` …, in the style sheet of the lanes). */
const CURVES = 6

export function colorOf(hex: string): Packed {
  const value = Number.parseInt(hex.slice(1), 16)
  return packed((value >> 16) & 255, (value >> 8) & 255, value & 255)
}

function mixed(a: string, b: string, share: number): string {
  const [x, y] = [a, b].map((hex) => Number.parseInt(hex.slice(1), 16)) as [number, number]
  const part = (shift: number) => Math.round(((x >> shift) & 255) * (1 - share) + ((y >> shift) & 255) * share)
  return `#${[16, 8, 0].map((shift) => part(shift).toString(16).padStart(2, '0')).join('')}`
}

/** Reads the page's colours (hexadecimal, as the theme has them). */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim() || '#808080'
  const ground = value('--sl-card')
  const css = {
    ink: value('--sl-ink'),
    quiet: value('--sl-quiet'),
    ground,
    line: value('--sl-line'),
    accent: value('--sl-accent'),
    severities: [mixed(ground, value('--sl-accent'), 0.75), value('--sl-warn'), value('--sl-fail')] as const,
    curves: Array.from({ length: CURVES }, (_, place) => value(`--curve-${place}`)),
  }
  return {
    ground: colorOf(ground),
    stripe: colorOf(mixed(ground, value('--sl-ground'), 0.6)),
    line: colorOf(css.line),
    accent: colorOf(css.accent),
    severities: [colorOf(css.severities[0]), colorOf(css.severities[1]), colorOf(css.severities[2])],
    curves: css.curves.map(colorOf),
    css,
  }
}
