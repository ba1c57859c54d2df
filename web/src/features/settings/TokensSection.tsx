import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { ago, day } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { daysLeft, standingOf } from './expiry'
import { NewToken } from './NewToken'
import { Secret } from './Secret'
import classes from './Settings.module.css'
import { reachOf } from './scopes'
import { TEXT } from './text'
import { TOKENS } from './textTokens'

type Token = Schemas['TokenView']

/** Secrets by which programs act in one's name. */
export default function TokensSection() {
  const say = useText(TOKENS)
  const words = useText(TEXT)
  const queries = useQueryClient()
  const [isNew, setNew] = useState(false)
  const [made, setMade] = useState<Schemas['NewTokenView'] | null>(null)
  const [leaving, setLeaving] = useState<Token | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: ['tokens'],
    queryFn: () => asked(client.GET('/api/v1/tokens')),
  })
  const revoke = useMutation({
    mutationFn: (id: string) =>
      asked(client.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: id } } })),
    onSuccess: (_, id) => {
      setLeaving(null)
      if (made?.id === id) setMade(null)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  return (
    <Stack gap="sm">
      {made && <Secret key={made.id} label={say('secretOf', { name: made.name })} value={made.secret} />}
      <Card
        title={words('tokens')}
        about={say('about')}
        actions={
          <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
            {say('new')}
          </Button>
        }
      >
        {error && <ErrorNote error={error} again={() => void refetch()} />}
        {!data && !error && <Skeleton height={80} />}
        {data && data.items.length === 0 && (
          <Text size="sm" className="sl-quiet">
            {say('none')}
          </Text>
        )}
        <ul className={classes.rows}>
          {data?.items.map((token) => (
            <Row
              key={token.id}
              token={token}
              onRevoke={() => {
                revoke.reset()
                setLeaving(token)
              }}
            />
          ))}
        </ul>
      </Card>
      <NewToken
        isOpen={isNew}
        onClose={() => setNew(false)}
        onMade={(token) => {
          setNew(false)
          setMade(token)
        }}
      />
      <Confirm
        isOpen={leaving !== null}
        title={say('revokeTitle', { name: leaving?.name ?? '' })}
        action={say('revoke')}
        isDangerous
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => leaving && revoke.mutate(leaving.id)}
        onClose={() => setLeaving(null)}
      >
        {say('revokeWhy')}
      </Confirm>
    </Stack>
  )
}

function Row({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const say = useText(TOKENS)
  const language = useLanguage()
  const who = useWho()
  const workspace = who.workspaces.find((mine) => mine.id === token.workspace_id)
  const standing = standingOf(token.expires_at)
  return (
    <li className={classes.row}>
      <div className={classes.grow}>
        <Group gap={8}>
          <Text className={classes.name}>{token.name}</Text>
          <Mark tone="accent">{say(reachOf(token.scopes))}</Mark>
          {standing === 'soon' && token.expires_at && (
            <Mark tone="warn">{say('endsSoon', { count: daysLeft(token.expires_at) })}</Mark>
          )}
        </Group>
        <div className={classes.quiet}>
          {[
            token.workspace_id ? (workspace?.name ?? say('oneWorkspace')) : say('everyWorkspace'),
            token.expires_at ? say('until', { day: day(token.expires_at, language) }) : say('untilRevoked'),
            token.used_at ? say('used', { ago: ago(token.used_at, language) }) : say('unused'),
            say('made', { day: day(token.created_at, language) }),
          ].join(' · ')}
        </div>
      </div>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        onClick={onRevoke}
        aria-label={say('revokeOf', { name: token.name })}
      >
        {say('revoke')}
      </Button>
    </li>
  )
}
