import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ErrorNote } from '@/ui/ErrorNote'
import { useShown } from './shown'

interface RenameOf {
  name: string
  isBusy: boolean
  error?: unknown
  onName: (name: string) => void
  onClose: () => void
}

export function RenameDialog({ name, isBusy, error, onName, onClose }: RenameOf) {
  const { say } = useShown()
  const [typed, setTyped] = useState(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim()) onName(typed.trim())
  }
  return (
    <Modal opened onClose={onClose} title={say('renameTitle')} centered>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            data-autofocus
            label={say('newName')}
            maxLength={255}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {error ? <ErrorNote error={error} /> : null}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={isBusy} disabled={!typed.trim()}>
              {say('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
