import { Kbd, Modal, Stack, Switch, Table } from '@mantine/core'
import { useText } from '@/state/text'
import { type Action, KEYS } from './keys'
import { TEXT } from './text'
import { setKeysOn, useKeysOn } from './useKeys'

const GROUPS: readonly (readonly Action[])[] = [
  ['toggle', 'backward', 'stop', 'forward', 'frameBack', 'frameOn', 'secondBack', 'secondOn'],
  ['previous', 'next', 'first', 'last', 'markIn', 'markOut', 'toIn', 'toOut', 'clearMarks', 'loop'],
  ['closer', 'wider', 'whole', 'fullScreen', 'mute', 'help'],
]

export function KeyHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const say = useText(TEXT)
  const isOn = useKeysOn()
  return (
    <Modal opened={isOpen} onClose={onClose} title={say('help')} size="md">
      <Stack>
        {GROUPS.map((actions) => (
          <Table key={actions[0]} verticalSpacing={4} horizontalSpacing="xs">
            <Table.Tbody>
              {actions.map((action) => (
                <Table.Tr key={action}>
                  <Table.Td w={120}>
                    {KEYS[action].map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </Table.Td>
                  <Table.Td>{say(action)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ))}
        <Switch
          label={say('keysOn')}
          description={say('keysWhy')}
          checked={isOn}
          onChange={(event) => setKeysOn(event.currentTarget.checked)}
        />
      </Stack>
    </Modal>
  )
}
