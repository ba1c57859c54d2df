import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Problem } from '@/api/client'
import { useText } from '@/state/text'
import { TEXT } from './text'

/** What went wrong in the server's words, what can be done, and the number by which its log finds it. */
export function ErrorNote({ error, again }: { error: unknown; again?: () => void }) {
  const say = useText(TEXT)
  const isUnreachable = error instanceof Problem && error.isUnreachable
  const message = isUnreachable ? say('unreachable') : error instanceof Error ? error.message : String(error)
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} aria-hidden />} role="alert">
      <Stack gap="xs" align="start">
        <Text size="sm">{message}</Text>
        {error instanceof Problem && error.requestId && (
          <Text size="xs" className="sl-quiet">
            {say('request', { id: error.requestId })}
          </Text>
        )}
        {again && (
          <Button size="compact-sm" variant="light" onClick={again}>
            {say('again')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}
