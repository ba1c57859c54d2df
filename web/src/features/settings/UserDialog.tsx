import { Checkbox, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { USERS } from './textUsers'
import type { User } from './user'

export interface UserDialogAsked {
  what: 'admin' | 'disable' | 'remove'
  user: User
}

/** Asks before an account gets every right, none any more, or is gone. */
export function UserDialog({ what, user, onClose }: UserDialogAsked & { onClose: () => void }) {
  const say = useText(USERS)
  const queries = useQueryClient()
  const [withWorkspaces, setWithWorkspaces] = useState(false)
  const path = { user_id: user.id }
  const act = useMutation({
    mutationFn: async (): Promise<unknown> => {
      if (what === 'admin')
        return asked(client.PATCH('/api/v1/users/{user_id}', { params: { path }, body: { is_admin: true } }))
      if (what === 'disable') return asked(client.POST('/api/v1/users/{user_id}/disable', { params: { path } }))
      return asked(
        client.DELETE('/api/v1/users/{user_id}', { params: { path, query: { with_workspaces: withWorkspaces } } }),
      )
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['users'] })
      void queries.invalidateQueries({ queryKey: ['members'] })
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      title={say(`${what}Title`, { name: user.name || user.email })}
      action={say(what === 'admin' ? 'makeAdmin' : what)}
      isDangerous={what !== 'admin'}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">{say(`${what}Why`)}</Text>
        {what === 'remove' && (
          <Checkbox
            label={say('withWorkspaces')}
            checked={withWorkspaces}
            onChange={(event) => {
              act.reset()
              setWithWorkspaces(event.currentTarget.checked)
            }}
          />
        )}
      </Stack>
    </Confirm>
  )
}
