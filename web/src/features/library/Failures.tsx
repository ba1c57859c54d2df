import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { Outcome } from './bulk'
import classes from './saved.module.css'
import { useShown } from './shown'

interface FailuresOf {
  outcome: Outcome
  names: ReadonlyMap<string, string>
  onClose: () => void
}

/** Of many, those that could not be done, each with the reason. They stay chosen. */
export function Failures({ outcome, names, onClose }: FailuresOf) {
  const { say } = useShown()
  return (
    <Modal opened onClose={onClose} title={say('partly', { count: outcome.failed.length })} centered>
      <Stack>
        {outcome.done.length > 0 && <Text size="sm">{say('partlyDone', { count: outcome.done.length })}</Text>}
        <ul className={classes.kept}>
          {outcome.failed.map(({ id, message }) => (
            <li key={id}>
              <Text size="sm" fw={600} truncate>
                {names.get(id) ?? say('unknownVideo')}
              </Text>
              <Text size="sm" className="sl-quiet">
                {message}
              </Text>
            </li>
          ))}
        </ul>
        <Group justify="end">
          <Button onClick={onClose}>{say('close')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
