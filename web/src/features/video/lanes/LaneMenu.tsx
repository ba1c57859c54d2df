import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch, IconStack2 } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import type { LaneId, SignalView } from './groups'
import { useNames } from './names'
import { TEXT } from './text'
import type { Lanes } from './useScene'

/** As many signals as are listed before somebody types. */
const MOST = 60

/** Which lanes there are. */
export function LaneMenu({ lanes }: { lanes: Lanes }) {
  const say = useText(TEXT)
  const { scene, chosen, choose, groups, offered } = lanes
  const names = useNames(scene.labels)
  const toggle = (id: LaneId) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  const box = (id: LaneId, label: string) => (
    <Checkbox key={id} size="sm" label={label} checked={chosen.includes(id)} onChange={() => toggle(id)} />
  )
  return (
    <Popover position="top-end" width={360} trapFocus withinPortal>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          fw={500}
          leftSection={<IconStack2 size={16} aria-hidden />}
        >
          {say('choose')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <ScrollArea.Autosize mah="min(70dvh, 560px)" type="auto">
          <Stack gap="xs" p="sm">
            <Group justify="space-between">
              <Text size="sm" fw={600} component="h2">
                {say('groups')}
              </Text>
              <Button variant="subtle" size="compact-xs" onClick={() => choose(null)}>
                {say('ofDesk')}
              </Button>
            </Group>
            {offered.map((id) => box(id, names.lane({ id, group: null })))}
            {groups.map((group) => box(`group:${group.id}`, names.lane({ id: `group:${group.id}`, group })))}
            <Signals lanes={lanes} box={box} name={names.signal} />
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  )
}

interface SignalsProps {
  lanes: Lanes
  box: (id: LaneId, label: string) => React.ReactNode
  name: (signal: string) => string
}

function Signals({ lanes: { signals, chosen }, box, name }: SignalsProps) {
  const say = useText(TEXT)
  const word = useWords()
  const [typed, setTyped] = useState('')
  const found = useMemo(() => {
    const wanted = typed.trim().toLocaleLowerCase()
    const isWanted = (signal: SignalView) =>
      signal.rows > 0 && `${name(signal.name)} ${signal.name}`.toLocaleLowerCase().includes(wanted)
    return signals.filter(isWanted)
  }, [signals, typed, name])
  const shown = [...found].sort((a, b) => rank(b, chosen) - rank(a, chosen)).slice(0, MOST)
  return (
    <>
      <Text size="sm" fw={600} component="h2" mt="xs">
        {say('signals')}
      </Text>
      <TextInput
        size="xs"
        aria-label={say('findSignal')}
        placeholder={say('findSignal')}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {shown.map((signal) => {
        const meter = word(`meter.${signal.meter.split('@')[0]}`, signal.meter)
        return box(`signal:${signal.name}`, `${meter}: ${name(signal.name)}`)
      })}
      <Text size="xs" className="sl-quiet" role="status">
        {found.length === 0
          ? say('noSignal')
          : found.length > MOST
            ? say('moreSignals', { count: found.length - MOST })
            : ''}
      </Text>
    </>
  )
}

/** Those that are shown come first. */
function rank(signal: SignalView, chosen: readonly LaneId[]): number {
  return chosen.includes(`signal:${signal.name}`) ? 1 : 0
}
