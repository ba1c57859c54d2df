import type { Schemas } from '@/api/client'

export type SignalView = Schemas['SignalView']

/** How a signal is drawn in a lane. `band`: from its least to the greatest of `upTo`. */
export interface CurveSpec {
  readonly signal: string
  readonly style: 'line' | 'area' | 'band'
  readonly upTo?: string
  /** Its name in the server's words; without one it is that of the signal. */
  readonly word?: string
}

export interface Mark {
  readonly value: number
  /** A limit a check judges by; else only a line to go by. */
  readonly isLimit: boolean
}

/** A lane of curves that share an axis. */
export interface Group {
  readonly id: string
  /** Name in the server's words, else in those of the page. */
  readonly word: string
  readonly unit: string
  readonly curves: readonly CurveSpec[]
  /** Lowest and highest value shown; null: what there is. */
  readonly range: readonly [number, number] | null
  readonly marks: readonly number[]
  /** Values last until the next; they do not run towards it. */
  readonly isStepped: boolean
}

interface Recipe {
  readonly id: string
  readonly word: string
  /** Exact names; what is not measured is left out. */
  readonly curves: readonly CurveSpec[]
  /** Or every signal that matches: one a channel. */
  readonly each?: RegExp
  readonly range?: readonly [number, number]
  readonly marks?: readonly number[]
}

const line = (signal: string, word?: string): CurveSpec => ({ signal, style: 'line', word })
const area = (signal: string, word?: string): CurveSpec => ({ signal, style: 'area', word })

/** Signals that belong together. What is named by none of these can still be added by itself. */
const RECIPES: readonly Recipe[] = [
  {
    id: 'loudness',
    word: 'lane.loudness',
    curves: [line('loudness.momentary', 'curve.momentary'), line('loudness.short_term', 'curve.short_term')],
    range: [-60, 0],
    marks: [-23],
  },
  { id: 'true_peak', word: 'meter.true_peak', curves: [], each: /^true_peak\.peak_\d+$/, range: [-40, 3], marks: [0] },
  {
    id: 'luma',
    word: 'lane.luma',
    curves: [
      { signal: 'levels.y_min', style: 'band', upTo: 'levels.y_max', word: 'curve.luma_range' },
      line('levels.y_mean', 'curve.luma_mean'),
    ],
  },
  {
    id: 'chroma',
    word: 'lane.chroma',
    curves: [line('levels.u_mean'), line('levels.v_mean')],
  },
  {
    id: 'flash',
    word: 'lane.flash',
    curves: [
      area('flash.lum_over', 'curve.flash_lum_over'),
      area('flash.red_over', 'curve.flash_red_over'),
      line('flash.lum_near', 'curve.flash_lum_near'),
    ],
    range: [0, 1],
    marks: [0.25],
  },
  { id: 'pattern', word: 'meter.pattern', curves: [area('pattern.area')], range: [0, 1], marks: [0.25] },
  { id: 'out_of_range', word: 'kind.out_of_range', curves: [area('levels.out_of_range_share')] },
  { id: 'gamut', word: 'meter.gamut', curves: [area('gamut.out_share')] },
  { id: 'change', word: 'meter.difference', curves: [line('difference.mafd')] },
  { id: 'phase', word: 'meter.phase', curves: [], each: /^phase\.phase_\d+_\d+$/, range: [-1, 1], marks: [0] },
  { id: 'peak', word: 'lane.peak', curves: [], each: /^samples\.peak_\d+$/, range: [-60, 0] },
  { id: 'packets', word: 'lane.packets', curves: [line('packets.size_bytes')] },
  { id: 'speech', word: 'lane.speech', curves: [area('voice.speech')], range: [0, 1], marks: [0.5] },
  {
    id: 'gaze',
    word: 'lane.gaze',
    curves: [line('faces.gaze_yaw', 'curve.gaze_yaw'), line('faces.gaze_pitch', 'curve.gaze_pitch')],
    range: [-35, 35],
    marks: [0],
  },
  { id: 'eyes', word: 'lane.eyes', curves: [line('faces.eye_left'), line('faces.eye_right')], range: [0, 0.5] },
  {
    id: 'head',
    word: 'lane.head',
    curves: [line('faces.yaw', 'curve.yaw'), line('faces.pitch', 'curve.pitch_angle'), line('faces.roll', 'curve.roll')],
    range: [-45, 45],
    marks: [0],
  },
  {
    id: 'smile',
    word: 'lane.smile',
    curves: [line('faces.mouthSmileLeft'), line('faces.mouthSmileRight')],
    range: [0, 1],
  },
  { id: 'pitch', word: 'lane.pitch', curves: [line('pitch.f0', 'curve.pitch')] },
  {
    id: 'emotion',
    word: 'meter.emotion',
    curves: ['neutral', 'happiness', 'sadness', 'surprise', 'fear', 'anger'].map((name) => line(`emotion.${name}`)),
    range: [0, 1],
  },
] // biome-ignore format: a table

/** Units of what is counted or told apart. */
const STEPPED = new Set(['flag', 'class', 'count', 'index', 'samples', 'ticks', 'bytes', 'frames'])

const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  qc: ['shots', 'events', 'words', 'group:loudness', 'group:true_peak', 'group:luma', 'group:flash'],
  interview: [
    'words', 'events', 'group:speech', 'group:gaze', 'group:eyes', 'group:smile', 'group:head', 'group:loudness', 'group:pitch', 'shots',
  ], // biome-ignore format: a list
}

/** What a lane shows: `shots`, `events`, `words`, `group:<id>` or `signal:<name>`. */
export type LaneId = string

/** The groups of which at least one signal was measured. */
export function groupsOf(signals: readonly SignalView[]): readonly Group[] {
  const units = new Map(signals.map((signal) => [signal.name, signal.unit]))
  const measured = new Set(signals.filter((signal) => signal.rows > 0).map((signal) => signal.name))
  const found: Group[] = []
  for (const recipe of RECIPES) {
    const named = recipe.curves.filter(({ signal, upTo }) => measured.has(signal) && (!upTo || measured.has(upTo)))
    const matching = recipe.each
      ? [...measured].filter((name) => recipe.each?.test(name)).map((name) => line(name))
      : []
    const curves = [...named, ...matching]
    const unit = curves[0] ? units.get(curves[0].signal) : undefined
    if (unit === undefined) continue
    const { id, word, range = null, marks = [] } = recipe
    found.push({ id, word, unit, curves, range, marks, isStepped: STEPPED.has(unit) })
  }
  return found
}

/** A lane for one signal. */
export function groupOfSignal({ name, unit }: SignalView): Group {
  const isShare = unit === 'share' && !name.startsWith('phase.')
  return {
    id: name,
    word: `signal.${name}`,
    unit,
    curves: [{ signal: name, style: isShare ? 'area' : 'line' }],
    range: unit === 'flag' ? [0, 1] : null,
    marks: [],
    isStepped: STEPPED.has(unit),
  }
}

/** The group a lane shows; null for lanes that show none, and for what was not measured. */
export function groupFor(lane: LaneId, signals: readonly SignalView[], groups: readonly Group[]): Group | null {
  if (lane.startsWith('group:')) return groups.find(({ id }) => id === lane.slice('group:'.length)) ?? null
  if (!lane.startsWith('signal:')) return null
  const signal = signals.find(({ name, rows }) => rows > 0 && name === lane.slice('signal:'.length))
  return signal ? groupOfSignal(signal) : null
}

/** The names of the signals a group needs. */
export function signalsOf(group: Group): readonly string[] {
  return group.curves.flatMap(({ signal, upTo }) => (upTo ? [signal, upTo] : [signal]))
}

/** Code values of black and white of limited range (ITU-R BT.709, BT.2100), for what is measured in code values. */
export function codeRange(highest: number): readonly [number, number] {
  const bits = Math.max(8, Math.ceil(Math.log2(highest + 1)))
  return [0, 2 ** bits - 1]
}

/** What is there to choose the lanes of a desk from. */
export interface Offer {
  readonly desk: string
  readonly hasPictures: boolean
  readonly hasWords: boolean
  readonly groups: readonly Group[]
}

export function defaultLanes({ desk, hasPictures, hasWords, groups }: Offer): readonly LaneId[] {
  const measured = new Set(groups.map(({ id }) => `group:${id}`))
  return (DEFAULTS[desk] ?? DEFAULTS.qc ?? []).filter((lane) => {
    if (lane === 'shots') return hasPictures
    if (lane === 'words') return hasWords
    return lane === 'events' || measured.has(lane)
  })
}
