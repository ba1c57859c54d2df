/** What a key does, in the words of editing programs. */
export type Action =
  | 'toggle'
  | 'backward'
  | 'stop'
  | 'forward'
  | 'frameBack'
  | 'frameOn'
  | 'secondBack'
  | 'secondOn'
  | 'previous'
  | 'next'
  | 'markIn'
  | 'markOut'
  | 'toIn'
  | 'toOut'
  | 'clearMarks'
  | 'loop'
  | 'first'
  | 'last'
  | 'closer'
  | 'wider'
  | 'whole'
  | 'fullScreen'
  | 'mute'
  | 'help'

export interface Press {
  readonly key: string
  readonly code: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** By place on the keyboard where a letter is meant: under a Korean layout the same key says another sign. */
const BY_CODE: Readonly<Record<string, Action>> = {
  Space: 'toggle',
  KeyJ: 'backward',
  KeyK: 'stop',
  KeyL: 'forward',
  KeyI: 'markIn',
  KeyO: 'markOut',
  KeyX: 'clearMarks',
  KeyR: 'loop',
  KeyF: 'fullScreen',
  KeyM: 'mute',
  KeyZ: 'whole',
}
const BY_CODE_SHIFTED: Readonly<Record<string, Action>> = { KeyI: 'toIn', KeyO: 'toOut' }
const BY_KEY: Readonly<Record<string, Action>> = {
  ArrowLeft: 'frameBack',
  ArrowRight: 'frameOn',
  ArrowUp: 'previous',
  ArrowDown: 'next',
  Home: 'first',
  End: 'last',
  '+': 'closer',
  '=': 'closer',
  '-': 'wider',
  _: 'wider',
  '?': 'help',
}
const BY_KEY_SHIFTED: Readonly<Record<string, Action>> = { ArrowLeft: 'secondBack', ArrowRight: 'secondOn' }

/** What somebody asks for by a key; null for keys that mean nothing here and for the browser's own. */
export function actionOf(press: Press): Action | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null
  if (press.shiftKey) return BY_CODE_SHIFTED[press.code] ?? BY_KEY_SHIFTED[press.key] ?? BY_KEY[press.key] ?? null
  return BY_CODE[press.code] ?? BY_KEY[press.key] ?? null
}

/** What is shown on the keys, by action. */
export const KEYS: Readonly<Record<Action, readonly string[]>> = {
  toggle: ['Space'],
  backward: ['J'],
  stop: ['K'],
  forward: ['L'],
  frameBack: ['←'],
  frameOn: ['→'],
  secondBack: ['Shift ←'],
  secondOn: ['Shift →'],
  previous: ['↑'],
  next: ['↓'],
  markIn: ['I'],
  markOut: ['O'],
  toIn: ['Shift I'],
  toOut: ['Shift O'],
  clearMarks: ['X'],
  loop: ['R'],
  first: ['Home'],
  last: ['End'],
  closer: ['+'],
  wider: ['−'],
  whole: ['Z'],
  fullScreen: ['F'],
  mute: ['M'],
  help: ['?'],
}

const TEXT_FIELDS =
  'input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]'
const OVERLAYS = '[role=dialog], [role=menu], [role=listbox], [role=alertdialog]'
const MOVERS = '[role=slider], [role=tab], [role=radio], [role=spinbutton], [role=separator], [role=scrollbar], input'
const PRESSED = 'button, a[href], summary, [role=button], [role=tab], [role=switch], input'

/**
 * Whether a key belongs to what has the focus rather than to the page: typing, moving a slider, pressing a button.
 * What is marked `data-keys="page"` wants the page's keys.
 */
export function isForElement(element: Element | null, press: Press): boolean {
  if (!element || element.closest('[data-keys=page]') === element) return false
  if (element.closest(TEXT_FIELDS) || element.closest(OVERLAYS)) return true
  if (press.key === ' ' || press.key === 'Enter') return element.closest(PRESSED) !== null
  const moves = press.key.startsWith('Arrow') || press.key === 'Home' || press.key === 'End'
  return moves && (element.closest(MOVERS) !== null || element.closest('[data-keys=own]') !== null)
}
