import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPlus, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useWho, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { day } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { Members } from './Members'
import classes from './Settings.module.css'
import { TEXT } from './text'
import { WORKSPACES } from './textWorkspaces'
import { NameWorkspace, RemoveWorkspace, type Workspace } from './WorkspaceDialogs'

/** The workspaces one is in, and who else is. */
export default function WorkspacesSection() {
  const say = useText(WORKSPACES)
  const words = useText(TEXT)
  const language = useLanguage()
  const who = useWho()
  const here = useWorkspace()
  const [chosen, setChosen] = useState<string | null>(null)
  const [naming, setNaming] = useState<Workspace | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Workspace | null>(null)
  const shown = who.workspaces.find((mine) => mine.id === chosen) ?? here
  return (
    <Stack gap="sm">
      <Card
        title={words('workspaces')}
        about={say('about')}
        actions={
          <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => setNaming('new')}>
            {say('new')}
          </Button>
        }
      >
        {who.workspaces.length === 0 && (
          <Text size="sm" className="sl-quiet">
            {say('none')}
          </Text>
        )}
        <ul className={classes.rows}>
          {who.workspaces.map((mine) => (
            <li key={mine.id} className={classes.row}>
              <div className={classes.grow}>
                <Group gap={8}>
                  <Text className={classes.name}>{mine.name}</Text>
                  <Mark tone="accent">{say(mine.role)}</Mark>
                </Group>
                <div className={classes.quiet}>{say('since', { day: day(mine.created_at, language) })}</div>
              </div>
              <Group gap={4}>
                <Button
                  size="compact-sm"
                  variant={mine.id === shown?.id ? 'light' : 'subtle'}
                  leftSection={<IconUsers size={15} />}
                  aria-pressed={mine.id === shown?.id}
                  onClick={() => setChosen(mine.id)}
                  aria-label={say('membersOf', { name: mine.name })}
                >
                  {say('members')}
                </Button>
                {mine.role === 'owner' && (
                  <>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => setNaming(mine)}
                      aria-label={say('renameOf', { name: mine.name })}
                    >
                      {say('rename')}
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      color="red"
                      onClick={() => setLeaving(mine)}
                      aria-label={say('removeOf', { name: mine.name })}
                    >
                      {say('remove')}
                    </Button>
                  </>
                )}
              </Group>
            </li>
          ))}
        </ul>
      </Card>
      {shown && <Members key={shown.id} workspace={shown} />}
      {naming && <NameWorkspace workspace={naming} onClose={() => setNaming(null)} />}
      {leaving && <RemoveWorkspace workspace={leaving} onClose={() => setLeaving(null)} />}
    </Stack>
  )
}
