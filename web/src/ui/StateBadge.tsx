import {
  IconAlertTriangle, IconBan, IconCheck, IconCircleDashed, IconClock, IconLoader2, IconMinus, IconRosetteDiscountCheck, IconX,
} from '@tabler/icons-react' // biome-ignore format: a list of pictures
import { useText } from '@/state/text'
import classes from './StateBadge.module.css'
import { TEXT } from './text'

const LOOKS = {
  pass: ['pass', IconCheck],
  warn: ['warn', IconAlertTriangle],
  fail: ['fail', IconX],
  not_applicable: ['none', IconMinus],
  not_evaluated: ['none', IconCircleDashed],
  waived: ['none', IconRosetteDiscountCheck],
  queued: ['none', IconClock],
  running: ['accent', IconLoader2],
  done: ['pass', IconCheck],
  failed: ['fail', IconX],
  cancelled: ['none', IconBan],
} as const

export type State = keyof typeof LOOKS

/** A state by sign, word and colour: never by colour alone. */
export function StateBadge({ state, size = 'sm' }: { state: string; size?: 'sm' | 'lg' }) {
  const say = useText(TEXT)
  const known = state in LOOKS ? (state as State) : null
  const [tone, Icon] = known ? LOOKS[known] : (['none', IconCircleDashed] as const)
  return (
    <span className={classes.badge} data-tone={tone} data-size={size}>
      <Icon size={size === 'lg' ? 18 : 14} stroke={2.2} aria-hidden />
      {known ? say(known) : state}
    </span>
  )
}
