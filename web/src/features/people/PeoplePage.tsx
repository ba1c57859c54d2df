import { Tabs } from '@mantine/core'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useText } from '@/state/text'
import { Page } from '@/ui/Page'
import { Consents } from './Consents'
import { Erasure } from './Erasure'
import classes from './People.module.css'
import { Reviews } from './Reviews'
import { TEXT } from './text'

const TABS = ['consents', 'reviews', 'erasure'] as const

/** What concerns the people in recordings: what they agreed to, what they dispute, and how it all goes away again. */
export function PeoplePage() {
  const say = useText(TEXT)
  const navigate = useNavigate()
  // `#erasure/<video>`: the part, and what it is about.
  const [part, about] = useLocation({ select: (location) => location.hash }).split('/')
  const tab = TABS.find((name) => name === part) ?? 'consents'
  const open = (to: string) => void navigate({ to: '/people', hash: to, replace: true, resetScroll: false })
  return (
    <Page title={say('people')}>
      <Tabs value={tab} onChange={(to) => to && open(to)} keepMounted={false}>
        <Tabs.List aria-label={say('people')}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {say(name)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="consents" className={classes.panel}>
          <Consents onErase={() => open('erasure')} />
        </Tabs.Panel>
        <Tabs.Panel value="reviews" className={classes.panel}>
          <Reviews />
        </Tabs.Panel>
        <Tabs.Panel value="erasure" className={classes.panel}>
          <Erasure key={about} videoId={about || null} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
