import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { TEXT } from './text'

export function Missing() {
  const say = useText(TEXT)
  return (
    <Center mih="60vh">
      <Stack align="center" gap="xs">
        <Title order={1}>{say('missing')}</Title>
        <Text className="sl-quiet">{say('missingWhy')}</Text>
        <Button component={Link} to="/" mt="md">
          {say('toLibrary')}
        </Button>
      </Stack>
    </Center>
  )
}

/** A share link that has expired, or was revoked. */
export function LinkOver() {
  const say = useText(TEXT)
  return (
    <Center mih="60vh" p="md" component="main">
      <Stack align="center" gap="xs" ta="center">
        <Title order={1}>{say('linkOver')}</Title>
        <Text className="sl-quiet">{say('linkOverWhy')}</Text>
      </Stack>
    </Center>
  )
}

export function Trouble({ error, reset }: { error: unknown; reset?: () => void }) {
  const say = useText(TEXT)
  return (
    <Stack p="md" maw={640} mx="auto">
      <Title order={1}>{say('trouble')}</Title>
      <ErrorNote error={error} again={reset} />
    </Stack>
  )
}
