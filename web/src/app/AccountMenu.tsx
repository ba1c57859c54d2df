import { ActionIcon, Group, Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { IconBook2, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react'
import { asked, client, isShare } from '@/api/client'
import { type Language, setLanguage, useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { TEXT } from './text'

export function AccountMenu() {
  const say = useText(TEXT)
  const language = useLanguage()
  const who = useWho()
  const { colorScheme, setColorScheme } = useMantineColorScheme()

  const choose = (to: Language) => {
    setLanguage(to)
    if (who.kind === 'session') void asked(client.PATCH('/api/v1/account', { body: { language: to } })).catch(() => {})
  }
  const leave = async () => {
    await asked(client.DELETE('/api/v1/session'))
    window.location.assign('/sign-in')
  }
  return (
    <Group gap="xs" wrap="nowrap">
      <SegmentedControl
        size="xs"
        aria-label={say('language')}
        value={language}
        onChange={(to) => choose(to as Language)}
        data={[
          { value: 'en', label: 'EN' },
          { value: 'ko', label: '한국어' },
        ]}
      />
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say('account')}>
            <IconUserCircle size={22} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {who.user && <Menu.Label>{who.user.name || who.user.email}</Menu.Label>}
          <Menu.Label>{say('scheme')}</Menu.Label>
          {(['light', 'dark', 'auto'] as const).map((scheme) => (
            <Menu.Item
              key={scheme}
              role="menuitemradio"
              aria-checked={colorScheme === scheme}
              leftSection={
                scheme === 'light' ? (
                  <IconSun size={16} />
                ) : (
                  <IconMoon size={16} opacity={scheme === 'auto' ? 0.5 : 1} />
                )
              }
              fw={colorScheme === scheme ? 700 : 400}
              onClick={() => setColorScheme(scheme)}
            >
              {say(scheme)}
            </Menu.Item>
          ))}
          {!isShare() && (
            <>
              <Menu.Divider />
              <Menu.Item component="a" href="/docs" leftSection={<IconBook2 size={16} />}>
                {say('reference')}
              </Menu.Item>
              <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
                {say('signOut')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
