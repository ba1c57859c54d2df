import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client } from '@/api/client'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { PROFILE } from './textProfile'

const SHORTEST = 10
const EMPTY = { current: '', chosen: '', again: '' }

export function PasswordForm() {
  const say = useText(PROFILE)
  const who = useWho()
  const queries = useQueryClient()
  const [typed, setTyped] = useState(EMPTY)
  const hasOne = who.user?.has_password ?? false
  const change = useMutation({
    mutationFn: () =>
      asked(
        client.PUT('/api/v1/account/password', {
          body: { current: hasOne ? typed.current : null, new: typed.chosen },
        }),
      ),
    onSuccess: () => {
      setTyped(EMPTY)
      void queries.invalidateQueries({ queryKey: ['session'] })
      void queries.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  const isShort = typed.chosen !== '' && [...typed.chosen].length < SHORTEST
  const isOther = typed.again !== '' && typed.again !== typed.chosen
  const isWhole = typed.chosen !== '' && typed.again === typed.chosen && !isShort && (!hasOne || typed.current !== '')
  const type = (part: Partial<typeof EMPTY>) => {
    if (!change.isIdle && !change.isPending) change.reset()
    setTyped({ ...typed, ...part })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isWhole) change.mutate()
  }
  return (
    <Card title={say('password')} about={say(hasOne ? 'passwordWhy' : 'noPassword')}>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={440}>
          <input type="text" hidden readOnly autoComplete="username" value={who.user?.email ?? ''} />
          {hasOne && (
            <PasswordInput
              label={say('current')}
              autoComplete="current-password"
              value={typed.current}
              onChange={(event) => type({ current: event.currentTarget.value })}
            />
          )}
          <PasswordInput
            label={say('chosen')}
            description={say('shortest', { count: SHORTEST })}
            autoComplete="new-password"
            value={typed.chosen}
            error={isShort ? say('tooShort') : undefined}
            onChange={(event) => type({ chosen: event.currentTarget.value })}
          />
          <PasswordInput
            label={say('again')}
            autoComplete="new-password"
            value={typed.again}
            error={isOther ? say('differs') : undefined}
            onChange={(event) => type({ again: event.currentTarget.value })}
          />
          {change.error && <ErrorNote error={change.error} />}
          <Group gap="sm">
            <Button type="submit" loading={change.isPending} disabled={!isWhole}>
              {say(hasOne ? 'changePassword' : 'setPassword')}
            </Button>
            <Text size="sm" role="status">
              {change.isSuccess ? say('passwordChanged') : ''}
            </Text>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}
