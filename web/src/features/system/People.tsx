import { Button, Group, Skeleton, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconLogout2 } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { ago, moment, number } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { Wide } from '@/ui/Wide'
import { type Person, persons } from './queries'
import { SettingsLink } from './SettingsLink'
import { TEXT } from './text'

/** Who uses the installation now. Accounts are made and removed in the settings. */
export function People() {
  const say = useText(TEXT)
  const language = useLanguage()
  const who = useWho()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(persons)
  const [leaving, setLeaving] = useState<Person | null>(null)
  const signOut = useMutation({
    mutationFn: (id: string) =>
      asked(client.DELETE('/api/v1/users/{user_id}/sessions', { params: { path: { user_id: id } } })),
    onSuccess: () => setLeaving(null),
    onSettled: () => queries.invalidateQueries({ queryKey: ['system', 'people'] }),
  })
  if (error) return <ErrorNote error={error} again={() => void refetch()} />
  if (!data) return <Skeleton height={200} />
  const isMe = leaving?.user.id === who.user?.id
  return (
    <Card
      title={say('people')}
      about={
        <>
          {say('peopleAbout')} <SettingsLink section="users">{say('toUsers')}</SettingsLink>
        </>
      }
    >
      <Wide label={say('people')}>
        <Table verticalSpacing={6} miw={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{say('user')}</Table.Th>
              <Table.Th scope="col" ta="right">
                {say('browsers')}
              </Table.Th>
              <Table.Th scope="col">{say('lastSeen')}</Table.Th>
              <Table.Th scope="col" ta="right">
                {say('videos')}
              </Table.Th>
              <Table.Th scope="col" ta="right">
                {say('runningJobs')}
              </Table.Th>
              <Table.Th scope="col">
                <VisuallyHidden>{say('actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map((person) => (
              <Table.Tr key={person.user.id}>
                <Table.Th scope="row" fw={500}>
                  <Group gap={8}>
                    <div>
                      {person.user.name || person.user.email}
                      {person.user.name && (
                        <Text size="xs" className="sl-quiet">
                          {person.user.email}
                        </Text>
                      )}
                    </div>
                    {person.user.is_admin && <Mark tone="accent">{say('admin')}</Mark>}
                    {person.user.disabled_at && <Mark tone="none">{say('disabled')}</Mark>}
                  </Group>
                </Table.Th>
                <Table.Td ta="right">{number(person.sessions, language, 0)}</Table.Td>
                <Table.Td title={moment(person.last_seen_at, language)}>
                  {person.last_seen_at ? ago(person.last_seen_at, language) : say('never')}
                </Table.Td>
                <Table.Td ta="right">{number(person.videos, language, 0)}</Table.Td>
                <Table.Td ta="right">{number(person.jobs_running, language, 0)}</Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    leftSection={<IconLogout2 size={15} />}
                    disabled={person.sessions === 0}
                    onClick={() => {
                      signOut.reset()
                      setLeaving(person)
                    }}
                    aria-label={say('signOutOf', { name: person.user.email })}
                  >
                    {say('signOut')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Confirm
        isOpen={leaving !== null}
        title={say('signOutTitle', { name: leaving?.user.name || leaving?.user.email || '' })}
        action={say('signOut')}
        isDangerous
        isBusy={signOut.isPending}
        error={signOut.error}
        onConfirm={() => leaving && signOut.mutate(leaving.user.id)}
        onClose={() => setLeaving(null)}
      >
        {say(isMe ? 'signOutMe' : 'signOutWhy')}
      </Confirm>
    </Card>
  )
}
