import { Box, Group, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

/** The frame of a page: its heading, what can be done on all of it, and the browser's title. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Sightline`
  }, [title])
  return (
    <Box p={{ base: 'sm', sm: 'md' }}>
      <Group justify="space-between" mb="md" gap="sm">
        <Title order={1}>{title}</Title>
        {actions}
      </Group>
      {children}
    </Box>
  )
}
