import { Button, Group, Skeleton, Text } from '@mantine/core'
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { ago, moment } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { agentOf } from './agents'
import classes from './Settings.module.css'
import { PROFILE } from './textProfile'

/** Where one is signed in. */
export function Browsers() {
  const say = useText(PROFILE)
  const language = useLanguage()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['sessions'],
    queryFn: () => asked(client.GET('/api/v1/sessions')),
  })
  const again = () => queries.invalidateQueries({ queryKey: ['sessions'] })
  const end = useMutation({
    mutationFn: (id: string) =>
      asked(client.DELETE('/api/v1/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onSettled: again,
  })
  const endOthers = useMutation({
    mutationFn: () => asked(client.DELETE('/api/v1/sessions')),
    onSuccess: () => setAsking(false),
    onSettled: again,
  })
  const others = data?.items.filter((session) => !session.is_current) ?? []
  return (
    <Card
      title={say('browsers')}
      about={say('browsersWhy')}
      actions={
        others.length > 0 && (
          <Button size="compact-sm" variant="light" color="red" onClick={() => setAsking(true)}>
            {say('endOthers')}
          </Button>
        )
      }
    >
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {end.error && <ErrorNote error={end.error} />}
      {!data && !error && <Skeleton height={80} />}
      <ul className={classes.rows}>
        {data?.items.map((session) => {
          const Icon = /Mobile|Android|iPhone/.test(session.agent) ? IconDeviceMobile : IconDeviceDesktop
          return (
            <li key={session.id} className={classes.row}>
              <Group className={classes.grow} gap="sm" wrap="nowrap">
                <Icon size={22} stroke={1.5} aria-hidden />
                <div>
                  <Group gap={8}>
                    <Text className={classes.name} title={session.agent}>
                      {agentOf(session.agent)}
                    </Text>
                    {session.is_current && <Mark tone="accent">{say('thisOne')}</Mark>}
                  </Group>
                  <div className={classes.quiet} title={moment(session.seen_at, language)}>
                    {say('usedFrom', { address: session.address, ago: ago(session.seen_at, language) })}
                  </div>
                </div>
              </Group>
              {!session.is_current && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="red"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                  aria-label={say('endOf', { name: agentOf(session.agent) })}
                >
                  {say('end')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      <Confirm
        isOpen={isAsking}
        title={say('endOthersTitle')}
        action={say('endOthers')}
        isDangerous
        isBusy={endOthers.isPending}
        error={endOthers.error}
        onConfirm={() => endOthers.mutate()}
        onClose={() => setAsking(false)}
      >
        {say('endOthersWhy', { count: others.length })}
      </Confirm>
    </Card>
  )
}
