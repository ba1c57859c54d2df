import { Alert, NavLink, Select, Skeleton } from '@mantine/core'
import {
  IconAdjustmentsHorizontal, IconFeather, IconKey, IconListCheck, IconListSearch, IconLock, IconShieldCheck, IconUserCircle,
  IconUsers, IconUsersGroup,
} from '@tabler/icons-react' // biome-ignore format: a list of pictures
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type ComponentType, lazy, Suspense, useEffect } from 'react'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Page } from '@/ui/Page'
import classes from './Settings.module.css'
import { type SectionId, sectionOf, sectionsFor } from './sections'
import { TEXT } from './text'

const ICONS: Readonly<Record<SectionId, typeof IconKey>> = {
  profile: IconUserCircle,
  tokens: IconKey,
  workspaces: IconUsersGroup,
  templates: IconListCheck,
  policies: IconShieldCheck,
  feedback: IconFeather,
  users: IconUsers,
  installation: IconAdjustmentsHorizontal,
  audit: IconListSearch,
}

const OWN = {
  profile: lazy(() => import('./ProfileSection')),
  tokens: lazy(() => import('./TokensSection')),
  workspaces: lazy(() => import('./WorkspacesSection')),
  policies: lazy(() => import('./PoliciesSection')),
  feedback: lazy(() => import('./FeedbackSection')),
  users: lazy(() => import('./UsersSection')),
  installation: lazy(() => import('./InstallationSection')),
  audit: lazy(() => import('./AuditSection')),
}

interface Props {
  /** The part that is another feature's. */
  templates: ComponentType
}

export function SettingsPage({ templates }: Props) {
  const say = useText(TEXT)
  const who = useWho()
  const go = useNavigate()
  const { section: named } = useParams({ strict: false })
  const allowed = sectionsFor(who)
  const section = sectionOf(named, allowed)
  const Inside = section === 'templates' ? templates : section ? OWN[section] : null
  const shown = section && say(section)
  useEffect(() => {
    if (shown) document.title = `${shown} · ${say('settings')} · Sightline`
  }, [shown, say])
  return (
    <Page title={say('settings')}>
      <Select
        className={classes.narrow}
        aria-label={say('sections')}
        data={allowed.map((each) => ({ value: each, label: say(each) }))}
        value={section}
        onChange={(to) => to && void go({ to: '/settings/{-$section}', params: { section: to } })}
        allowDeselect={false}
      />
      <div className={classes.columns}>
        <nav className={classes.nav} aria-label={say('sections')}>
          {allowed.map((each) => {
            const Icon = ICONS[each]
            return (
              <NavLink
                key={each}
                className={classes.link}
                renderRoot={(props) => <Link {...props} to="/settings/{-$section}" params={{ section: each }} />}
                aria-current={each === section ? 'page' : undefined}
                label={say(each)}
                leftSection={<Icon size={17} stroke={1.7} aria-hidden />}
              />
            )
          })}
        </nav>
        <Suspense fallback={<Skeleton height={240} />}>
          {Inside ? (
            <Inside />
          ) : (
            <Alert color="gray" variant="light" icon={<IconLock size={18} aria-hidden />}>
              {say('notForYou')}
            </Alert>
          )}
        </Suspense>
      </div>
    </Page>
  )
}
