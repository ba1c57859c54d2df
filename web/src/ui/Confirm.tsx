import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useText } from '@/state/text'
import { ErrorNote } from './ErrorNote'
import { TEXT } from './text'

interface Asked {
  isOpen: boolean
  title: string
  children?: ReactNode
  /** What the button says: what will happen, never "OK". */
  action: string
  isDangerous?: boolean
  isBusy?: boolean
  error?: unknown
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot be taken back. */
export function Confirm({ isOpen, title, children, action, isDangerous, isBusy, error, onConfirm, onClose }: Asked) {
  const say = useText(TEXT)
  return (
    <Modal opened={isOpen} onClose={onClose} closeButtonProps={{ 'aria-label': say('cancel') }} title={title} centered>
      <Stack>
        {typeof children === 'string' ? <Text size="sm">{children}</Text> : children}
        {error ? <ErrorNote error={error} /> : null}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {say('cancel')}
          </Button>
          <Button color={isDangerous ? 'red' : undefined} loading={isBusy} onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
