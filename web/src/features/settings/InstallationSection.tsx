import { Group, SegmentedControl, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { installation } from './installationQueries'
import { SettingRow } from './SettingRow'
import classes from './Settings.module.css'
import { GROUPS, INSTALLATION } from './textInstallation'
import { grouped, type Narrowed } from './values'

/** Every setting of the installation, and where each comes from. */
export default function InstallationSection() {
  const say = useText(INSTALLATION)
  const group = useText(GROUPS)
  const [narrowed, setNarrowed] = useState<Narrowed>({ wanted: '', only: 'all' })
  const { data, error, refetch } = useQuery(installation)
  const groups = grouped(data?.items ?? [], narrowed)
  const heading = (name: string) => (name in GROUPS.en ? group(name as keyof typeof GROUPS.en) : name)
  return (
    <Stack gap="sm">
      <Text size="sm" className="sl-quiet">
        {say('about')}
      </Text>
      <Group gap="sm">
        <TextInput
          className={classes.grow}
          type="search"
          aria-label={say('find')}
          placeholder={say('find')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={narrowed.wanted}
          onChange={(event) => setNarrowed({ ...narrowed, wanted: event.currentTarget.value })}
        />
        <SegmentedControl
          size="xs"
          aria-label={say('show')}
          value={narrowed.only}
          onChange={(only) => setNarrowed({ ...narrowed, only: only as Narrowed['only'] })}
          data={(['all', 'changeable', 'set'] as const).map((value) => ({ value, label: say(value) }))}
        />
      </Group>
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {!data && !error && <Skeleton height={320} />}
      {data && groups.length === 0 && <Text size="sm">{say('noneFound')}</Text>}
      {groups.map((found) => (
        <Card key={found.group} title={heading(found.group)}>
          <ul className={classes.rows}>
            {found.items.map((setting) => (
              <SettingRow key={setting.name} setting={setting} />
            ))}
          </ul>
        </Card>
      ))}
    </Stack>
  )
}
