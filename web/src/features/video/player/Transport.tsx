import { ActionIcon, Group, Menu, Slider, Tooltip } from '@mantine/core'
import {
  IconBracketsContain, IconBracketsContainEnd, IconBracketsContainStart, IconChevronLeft, IconChevronRight, IconHelp,
  IconMaximize, IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack, IconPlayerSkipForward, IconPlayerTrackNext,
  IconPlayerTrackPrev, IconRepeat, IconVolume, IconVolumeOff, IconX,
} from '@tabler/icons-react' // biome-ignore format: a list of pictures
import type { ReactNode } from 'react'
import { useText } from '@/state/text'
import { usePlaybackState } from '../playback'
import type { Actions } from './actions'
import { useMachine, useMachineState } from './context'
import { type Action, KEYS } from './keys'
import classes from './Player.module.css'
import { Readout } from './Readout'
import { MENU } from './shuttle'
import { TEXT } from './text'

const ICON = { size: 18, stroke: 1.7, 'aria-hidden': true } as const

/** Every key of the player as a button. */
export function Transport({ actions }: { actions: Actions }) {
  const say = useText(TEXT)
  const isPlaying = usePlaybackState((state) => state.isPlaying)
  const hasIn = usePlaybackState((state) => state.inPoint !== null)
  const hasOut = usePlaybackState((state) => state.outPoint !== null)
  const isLooping = useMachineState((state) => state.isLooping)

  const button = (action: Action, icon: ReactNode, more: Partial<ButtonProps> = {}) => (
    <Press key={action} label={say(action)} keys={KEYS[action]} onClick={actions[action]} {...more}>
      {icon}
    </Press>
  )
  return (
    <div className={classes.transport} role="toolbar" aria-label={say('transport')}>
      <Readout />
      <Group gap={2} wrap="nowrap" className={classes.middle}>
        {button('previous', <IconPlayerSkipBack {...ICON} />)}
        {button('frameBack', <IconChevronLeft {...ICON} />)}
        {button('backward', <IconPlayerTrackPrev {...ICON} />, { isExtra: true })}
        {button(
          'toggle',
          isPlaying ? <IconPlayerPause {...ICON} size={22} /> : <IconPlayerPlay {...ICON} size={22} />,
          {
            label: say(isPlaying ? 'pause' : 'play'),
            isMain: true,
          },
        )}
        {button('forward', <IconPlayerTrackNext {...ICON} />, { isExtra: true })}
        {button('frameOn', <IconChevronRight {...ICON} />)}
        {button('next', <IconPlayerSkipForward {...ICON} />)}
      </Group>
      <Group gap={2} wrap="nowrap" className={classes.end}>
        {button('markIn', <IconBracketsContainStart {...ICON} />, { isExtra: true, isOn: hasIn })}
        {button('markOut', <IconBracketsContainEnd {...ICON} />, { isExtra: true, isOn: hasOut })}
        {(hasIn || hasOut) && button('clearMarks', <IconX {...ICON} />, { isExtra: true })}
        {button('loop', hasIn || hasOut ? <IconBracketsContain {...ICON} /> : <IconRepeat {...ICON} />, {
          isExtra: true,
          isOn: isLooping,
          isSwitch: true,
        })}
        <Speed />
        <Volume />
        {button('fullScreen', <IconMaximize {...ICON} />)}
        {button('help', <IconHelp {...ICON} />)}
      </Group>
    </div>
  )
}

interface ButtonProps {
  label: string
  keys: readonly string[]
  onClick: () => void
  isMain?: boolean
  isOn?: boolean
  isSwitch?: boolean
  /** Left out where there is little room; its key stays. */
  isExtra?: boolean
  children?: ReactNode
}

function Press({ label, keys, onClick, isMain, isOn, isSwitch, isExtra, children }: ButtonProps) {
  return (
    <Tooltip label={`${label}  ·  ${keys.join(', ')}`} openDelay={500} withinPortal>
      <ActionIcon
        variant={isMain ? 'filled' : isOn ? 'light' : 'subtle'}
        color={isMain || isOn ? undefined : 'gray'}
        size={isMain ? 36 : 28}
        radius={isMain ? 'xl' : 'md'}
        aria-label={label}
        aria-pressed={isSwitch ? isOn : undefined}
        onClick={onClick}
        className={isExtra ? classes.extra : undefined}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

function Speed() {
  const say = useText(TEXT)
  const machine = useMachine()
  const pace = useMachineState((state) => state.pace)
  const speed = usePlaybackState((state) => (state.isPlaying ? state.speed : null))
  return (
    <Menu position="top" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.speed} aria-label={`${say('speed')}: ${speed ?? pace}×`}>
          {speed ?? pace}×
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say('speed')}</Menu.Label>
        {MENU.map((choice) => (
          <Menu.Item
            key={choice}
            role="menuitemradio"
            aria-checked={choice === pace}
            fw={choice === pace ? 700 : 400}
            onClick={() => machine.setPace(choice)}
          >
            {choice}×
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Volume() {
  const say = useText(TEXT)
  const machine = useMachine()
  const volume = useMachineState((state) => (state.isMuted ? 0 : state.volume))
  return (
    <Group gap={4} wrap="nowrap">
      <Press label={say('mute')} keys={KEYS.mute} onClick={() => machine.mute()}>
        {volume === 0 ? <IconVolumeOff {...ICON} /> : <IconVolume {...ICON} />}
      </Press>
      <Slider
        className={classes.volume}
        size="xs"
        w={70}
        min={0}
        max={100}
        label={null}
        thumbLabel={say('volume')}
        value={Math.round(volume * 100)}
        onChange={(value) => machine.setVolume(value / 100)}
      />
    </Group>
  )
}
