import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** To where something of this page is changed. */
export function SettingsLink({ section, children }: { section: 'installation' | 'users'; children: ReactNode }) {
  return (
    <Anchor
      size="sm"
      underline="always"
      renderRoot={(props) => <Link {...props} to="/settings/{-$section}" params={{ section }} />}
    >
      {children}
    </Anchor>
  )
}
