import type { EventView, ShotView, WordView } from '../data/evidence'
import type { Row } from './found'
import type { Lane } from './layout'
import type { Labels } from './names'
import type { Rule } from './paint'
import type { Sheets } from './sheets'

/** Everything that is drawn; handed over anew when some of it comes or is chosen. */
export interface Scene {
  readonly lanes: readonly Lane[]
  readonly events: readonly EventView[]
  readonly rows: readonly Row[]
  readonly shots: readonly ShotView[]
  readonly sheets: Sheets | null
  readonly words: readonly WordView[]
  readonly wordStarts: Float64Array
  readonly rules: ReadonlyMap<string, readonly Rule[]>
  readonly labels: Labels
}

export const EMPTY: Scene = {
  lanes: [], events: [], rows: [], shots: [], sheets: null, words: [], wordStarts: new Float64Array(0), rules: new Map(),
  labels: new Map(),
} // biome-ignore format: one scene, one line
