import { AppShell, Box, Burger, Group, Loader, NavLink, Select, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconActivity, IconLibrary, IconSettings, IconStethoscope, IconUsers } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { Suspense, useEffect } from 'react'
import { address, isShare } from '@/api/client'
import { UploadsProvider } from '@/features/uploads/UploadsProvider'
import { followChanges, useLine } from '@/state/changes'
import { isChosen, setLanguage } from '@/state/language'
import { chooseWorkspace, session, useWho, useWorkspace } from '@/state/session'
import { isSignedOut } from '@/state/signedOut'
import { useText } from '@/state/text'
import { AccountMenu } from './AccountMenu'
import { Logo } from './Logo'
import { LinkOver, Trouble } from './Missing'
import classes from './Shell.module.css'
import { TEXT } from './text'

const PAGES = [
  { to: '/', key: 'library', Icon: IconLibrary, isForAdmins: false },
  { to: '/work', key: 'work', Icon: IconActivity, isForAdmins: false },
  { to: '/people', key: 'people', Icon: IconUsers, isForAdmins: false },
  { to: '/system', key: 'system', Icon: IconStethoscope, isForAdmins: true },
  { to: '/settings', key: 'settings', Icon: IconSettings, isForAdmins: false },
] as const

export function Shell() {
  return (
    <Suspense fallback={<Waiting />}>
      <SignedIn />
    </Suspense>
  )
}

/** Whoever is not signed in is on his way to sign in already (`leaveWhenSignedOut`); a share link that is over is told. */
function SignedIn() {
  const { data, error, refetch } = useQuery(session)
  if (data) return <Frame />
  if (error && isSignedOut(error) && isShare()) return <LinkOver />
  if (error && !isSignedOut(error)) return <Trouble error={error} reset={refetch} />
  return <Waiting />
}

function Frame() {
  const say = useText(TEXT)
  const who = useWho()
  const queries = useQueryClient()
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const language = who.user?.language
  const isLooking = isShare()

  useEffect(() => {
    // Where nobody chose one for the account the browser knows better.
    if (language && !isChosen()) setLanguage(language)
  }, [language])
  useEffect(() => (isLooking ? undefined : followChanges(queries, address('/changes'))), [queries, isLooking])

  const content = (
    <Suspense fallback={<Waiting />}>
      <Outlet />
    </Suspense>
  )
  if (isLooking) {
    return (
      <Box>
        <Group className={classes.header} px="md" h={52} justify="space-between">
          <Logo />
          <Text size="sm" className="sl-quiet">
            {say('sharedView')}
          </Text>
          <AccountMenu />
        </Group>
        <main id="content" tabIndex={-1}>
          {content}
        </main>
      </Box>
    )
  }
  return (
    <UploadsProvider>
      <AppShell header={{ height: 52 }} navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}>
        <a className="sl-skip" href="#content">
          {say('skip')}
        </a>
        <AppShell.Header className={classes.header}>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={say('menu')} />
              <Logo />
            </Group>
            <AccountMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" className={classes.side} aria-label={say('pages')}>
          <Stack gap={2}>
            {PAGES.filter((page) => !page.isForAdmins || who.is_admin).map(({ to, key, Icon }) => (
              <NavLink
                key={key}
                component={Link}
                to={to}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                label={say(key)}
                leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
                className={classes.link}
                onClick={close}
              />
            ))}
          </Stack>
          <Workspaces />
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          <Lost />
          {content}
        </AppShell.Main>
      </AppShell>
    </UploadsProvider>
  )
}

function Workspaces() {
  const say = useText(TEXT)
  const who = useWho()
  const workspace = useWorkspace()
  if (who.workspaces.length < 2) return null
  return (
    <Select
      mt="auto"
      size="sm"
      label={say('workspace')}
      data={who.workspaces.map((mine) => ({ value: mine.id, label: mine.name }))}
      value={workspace?.id ?? null}
      onChange={(id) => id && chooseWorkspace(id)}
      allowDeselect={false}
    />
  )
}

function Lost() {
  const say = useText(TEXT)
  const line = useLine()
  return (
    <div role="status" aria-live="polite">
      {line === 'lost' && <Text className={classes.lost}>{say('lost')}</Text>}
    </div>
  )
}

export function Waiting() {
  return (
    <Group justify="center" py={80}>
      <Loader size="sm" type="dots" />
    </Group>
  )
}
