import { Group, Popover, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import { usePlayback, usePlaybackState } from '../playback'
import { useMachine, useWriting } from './context'
import { momentFromText, timecodeAt } from './moment'
import classes from './Player.module.css'
import { TEXT } from './text'

/** Where the player is: time code, seconds and number of the picture. Written with every picture, outside of React. */
export function Readout() {
  const say = useText(TEXT)
  const playback = usePlayback()
  const machine = useMachine()
  const writing = useWriting()
  const code = useRef<HTMLSpanElement>(null)
  const time = useRef<HTMLSpanElement>(null)
  const frame = useRef<HTMLSpanElement>(null)
  const hasPictures = writing.pictures !== null

  useEffect(() => {
    const write = () => {
      const at = playback.state.time
      if (code.current) code.current.textContent = timecodeAt(writing, at) ?? clock(at, 2)
      if (time.current) time.current.textContent = `${at.toFixed(3)} s`
      if (frame.current) frame.current.textContent = `#${machine.state.frame ?? 0}`
    }
    write()
    const ends = [playback.listen(write), machine.listen(write)]
    return () => {
      for (const end of ends) end()
    }
  }, [playback, machine, writing])

  return (
    <Group gap="sm" wrap="nowrap" className={classes.readout}>
      <GoTo>
        <span ref={code} className={classes.code} />
      </GoTo>
      <span className={`sl-quiet ${classes.beside}`}>
        <span ref={time} title={say('seconds')} />
        {hasPictures && <span ref={frame} title={say('frame')} />}
      </span>
      <Marked />
    </Group>
  )
}

function Marked() {
  const say = useText(TEXT)
  const inPoint = usePlaybackState((state) => state.inPoint)
  const outPoint = usePlaybackState((state) => state.outPoint)
  const duration = usePlaybackState((state) => state.duration)
  if (inPoint === null && outPoint === null) return null
  const [from, to] = [inPoint ?? 0, outPoint ?? duration]
  return (
    <Text size="xs" className={`${classes.marked} ${classes.fine}`} component="span">
      {say('marked', { in: clock(from, 2), out: clock(to, 2), length: clock(to - from, 2) })}
    </Text>
  )
}

/** The time code is a button: a time can be typed. */
function GoTo({ children }: { children: React.ReactNode }) {
  const say = useText(TEXT)
  const playback = usePlayback()
  const writing = useWriting()
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const found = typed === '' ? null : momentFromText(typed, writing)
  const go = (event: React.FormEvent) => {
    event.preventDefault()
    if (found === null) return
    playback.seek(found)
    setOpen(false)
    setTyped('')
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus position="top-start" withinPortal>
      <Popover.Target>
        <UnstyledButton onClick={() => setOpen(!isOpen)} className={classes.goTo}>
          {children}
          <span className={classes.hidden}>, {say('goTo')}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={go}>
          <TextInput
            label={say('goTo')}
            description={say('goToHint')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={typed !== '' && found === null ? say('goToBad') : undefined}
            data-autofocus
            autoComplete="off"
          />
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
