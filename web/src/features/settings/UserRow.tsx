import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconBan, IconCheck, IconDots, IconLink, IconShieldHalf, IconTrash } from '@tabler/icons-react'
import { useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { day } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import classes from './Settings.module.css'
import { USERS } from './textUsers'
import type { User } from './user'

interface Props {
  user: User
  isBusy: boolean
  onLink: () => void
  onAdmin: (is_admin: boolean) => void
  onEnable: () => void
  onAsk: (what: 'disable' | 'remove') => void
}

export function UserRow({ user, isBusy, onLink, onAdmin, onEnable, onAsk }: Props) {
  const say = useText(USERS)
  const language = useLanguage()
  const who = useWho()
  const name = user.name || user.email
  return (
    <li className={classes.row}>
      <div className={classes.grow}>
        <Group gap={8}>
          <Text className={classes.name}>{name}</Text>
          {user.id === who.user?.id && <span className={classes.quiet}>{say('you')}</span>}
          {user.is_admin && <Mark tone="accent">{say('admin')}</Mark>}
          {user.disabled_at && <Mark tone="fail">{say('disabled', { day: day(user.disabled_at, language) })}</Mark>}
        </Group>
        <div className={classes.quiet}>
          {[
            user.name ? user.email : null,
            user.has_identity ? say('byIdentity') : user.has_password ? say('byPassword') : say('byNothing'),
            say('since', { day: day(user.created_at, language) }),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </div>
      </div>
      <Group gap={4} wrap="nowrap">
        {user.disabled_at ? (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconCheck size={15} />}
            loading={isBusy}
            onClick={onEnable}
          >
            {say('enable')}
          </Button>
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconLink size={15} />}
            loading={isBusy}
            onClick={onLink}
            aria-label={say('linkFor', { name })}
          >
            {say('link')}
          </Button>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={say('moreOf', { name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconShieldHalf size={16} />} onClick={() => onAdmin(!user.is_admin)}>
              {say(user.is_admin ? 'noAdmin' : 'makeAdmin')}
            </Menu.Item>
            {!user.disabled_at && (
              <Menu.Item leftSection={<IconBan size={16} />} onClick={() => onAsk('disable')}>
                {say('disable')}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => onAsk('remove')}>
              {say('remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </li>
  )
}
