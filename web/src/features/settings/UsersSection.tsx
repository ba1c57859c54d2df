import { Button, Skeleton, Stack } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { NewUser } from './NewUser'
import { Secret } from './Secret'
import classes from './Settings.module.css'
import { TEXT } from './text'
import { USERS } from './textUsers'
import { UserDialog, type UserDialogAsked } from './UserDialog'
import { UserRow } from './UserRow'
import type { User } from './user'

/** Who has an account here. */
export default function UsersSection() {
  const say = useText(USERS)
  const words = useText(TEXT)
  const queries = useQueryClient()
  const [isNew, setNew] = useState(false)
  const [link, setLink] = useState<{ user: User; url: string } | null>(null)
  const [dialog, setDialog] = useState<UserDialogAsked | null>(null)
  const found = useInfiniteQuery({
    queryKey: ['users'],
    queryFn: ({ pageParam }) =>
      asked(client.GET('/api/v1/users', { params: { query: { cursor: pageParam, limit: 100 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  const makeLink = useMutation({
    mutationFn: (user: User) =>
      asked(client.POST('/api/v1/users/{user_id}/link', { params: { path: { user_id: user.id } } })),
    onSuccess: ({ url }, user) => setLink({ user, url }),
  })
  const change = useMutation({
    mutationFn: ({ user, is_admin }: { user: User; is_admin: boolean }) =>
      asked(client.PATCH('/api/v1/users/{user_id}', { params: { path: { user_id: user.id } }, body: { is_admin } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['users'] }),
  })
  const enable = useMutation({
    mutationFn: (user: User) =>
      asked(client.POST('/api/v1/users/{user_id}/enable', { params: { path: { user_id: user.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['users'] }),
  })
  const error = makeLink.error ?? change.error ?? enable.error
  const users = found.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Stack gap="sm">
      {link && <Secret key={link.url} label={say('linkFor', { name: link.user.email })} value={link.url} />}
      {error && <ErrorNote error={error} />}
      <Card
        title={words('users')}
        about={say('about')}
        actions={
          <Button size="xs" leftSection={<IconUserPlus size={16} />} onClick={() => setNew(true)}>
            {say('new')}
          </Button>
        }
      >
        {found.error && <ErrorNote error={found.error} again={() => void found.refetch()} />}
        {found.isPending && <Skeleton height={120} />}
        <ul className={classes.rows}>
          {users.map((user) => (
            <UserRow
              key={user.id}
              user={user}
              isBusy={[makeLink, enable].some((each) => each.isPending && each.variables.id === user.id)}
              onLink={() => makeLink.mutate(user)}
              onAdmin={(is_admin) =>
                is_admin ? setDialog({ what: 'admin', user }) : change.mutate({ user, is_admin: false })
              }
              onEnable={() => enable.mutate(user)}
              onAsk={(what) => setDialog({ what, user })}
            />
          ))}
        </ul>
        {found.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {words('more')}
          </Button>
        )}
      </Card>
      {isNew && (
        <NewUser
          onClose={() => setNew(false)}
          onMade={(user) => {
            setNew(false)
            makeLink.mutate(user)
          }}
        />
      )}
      {dialog && <UserDialog {...dialog} onClose={() => setDialog(null)} />}
    </Stack>
  )
}
