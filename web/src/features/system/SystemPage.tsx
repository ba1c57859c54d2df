import { Alert, Tabs } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Page } from '@/ui/Page'
import { Models } from './Models'
import { Overview } from './Overview'
import { People } from './People'
import { Spending } from './Spending'
import { Storage } from './Storage'
import classes from './System.module.css'
import { TEXT } from './text'
import { Versions } from './Versions'

const TABS = [
  ['overview', Overview],
  ['models', Models],
  ['storage', Storage],
  ['people', People],
  ['spending', Spending],
  ['about', Versions],
] as const

/** How the installation fares, for its administrators. */
export function SystemPage() {
  const say = useText(TEXT)
  const who = useWho()
  const navigate = useNavigate()
  const hash = useLocation({ select: (location) => location.hash })
  const tab = TABS.find(([name]) => name === hash)?.[0] ?? 'overview'
  if (!who.is_admin)
    return (
      <Page title={say('system')}>
        <Alert color="gray" variant="light" icon={<IconLock size={18} aria-hidden />}>
          {say('forAdmins')}
        </Alert>
      </Page>
    )
  return (
    <Page title={say('system')}>
      <Tabs
        className={classes.palette}
        value={tab}
        onChange={(to) => to && void navigate({ to: '/system', hash: to, replace: true, resetScroll: false })}
        keepMounted={false}
      >
        <div className={classes.tabs}>
          <Tabs.List aria-label={say('system')}>
            {TABS.map(([name]) => (
              <Tabs.Tab key={name} value={name}>
                {say(name)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </div>
        {TABS.map(([name, Inside]) => (
          <Tabs.Panel key={name} value={name} pt="sm">
            <Inside />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}
