import { Button, Group, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import classes from './Settings.module.css'
import { WORKSPACES } from './textWorkspaces'
import type { Workspace } from './WorkspaceDialogs'

type Member = Schemas['MemberView']
type Role = Member['role']
const ROLES: readonly Role[] = ['viewer', 'editor', 'owner']

/** Who is in a workspace, and as what. */
export function Members({ workspace }: { workspace: Workspace }) {
  const say = useText(WORKSPACES)
  const who = useWho()
  const queries = useQueryClient()
  const mayManage = workspace.role === 'owner'
  const [leaving, setLeaving] = useState<Member | null>(null)
  const path = { workspace_id: workspace.id }
  const { data, error, refetch } = useQuery({
    queryKey: ['members', workspace.id],
    queryFn: () => asked(client.GET('/api/v1/workspaces/{workspace_id}/members', { params: { path } })),
  })
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['members'] })
    void queries.invalidateQueries({ queryKey: ['session'] })
  }
  const change = useMutation({
    mutationFn: ({ user_id, role }: { user_id: string; role: Role }) =>
      asked(
        client.PATCH('/api/v1/workspaces/{workspace_id}/members/{user_id}', {
          params: { path: { ...path, user_id } },
          body: { role },
        }),
      ),
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: (user_id: string) =>
      asked(
        client.DELETE('/api/v1/workspaces/{workspace_id}/members/{user_id}', {
          params: { path: { ...path, user_id } },
        }),
      ),
    onSuccess: () => setLeaving(null),
    onSettled: again,
  })
  const isMe = leaving?.user_id === who.user?.id
  const roles = ROLES.map((value) => ({ value, label: say(value) }))
  return (
    <Card title={say('membersOf', { name: workspace.name })} about={say('rolesWhy')}>
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {change.error && <ErrorNote error={change.error} />}
      {!data && !error && <Skeleton height={80} />}
      <ul className={classes.rows}>
        {data?.items.map((member) => (
          <li key={member.user_id} className={classes.row}>
            <div className={classes.grow}>
              <Text className={classes.name}>
                {member.name || member.email}
                {member.user_id === who.user?.id && (
                  <Text span size="sm" className="sl-quiet">
                    {' '}
                    {say('you')}
                  </Text>
                )}
              </Text>
              {member.name && <div className={classes.quiet}>{member.email}</div>}
            </div>
            <Group gap="xs">
              {mayManage ? (
                <Select
                  size="xs"
                  w={130}
                  aria-label={say('roleOf', { name: member.name || member.email })}
                  data={roles}
                  value={member.role}
                  disabled={change.isPending}
                  onChange={(role) => role && change.mutate({ user_id: member.user_id, role: role as Role })}
                  allowDeselect={false}
                />
              ) : (
                <Text size="sm">{say(member.role)}</Text>
              )}
              {(mayManage || member.user_id === who.user?.id) && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="red"
                  onClick={() => {
                    remove.reset()
                    setLeaving(member)
                  }}
                  aria-label={
                    member.user_id === who.user?.id
                      ? say('leaveOf', { name: workspace.name })
                      : say('removeMemberOf', { name: member.name || member.email })
                  }
                >
                  {say(member.user_id === who.user?.id ? 'leave' : 'removeMember')}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {mayManage && <AddMember workspaceId={workspace.id} onAdded={again} />}
      <Confirm
        isOpen={leaving !== null}
        title={
          isMe
            ? say('leaveTitle', { name: workspace.name })
            : say('removeMemberTitle', { name: leaving?.name || leaving?.email || '' })
        }
        action={say(isMe ? 'leave' : 'removeMember')}
        isDangerous
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => leaving && remove.mutate(leaving.user_id)}
        onClose={() => setLeaving(null)}
      >
        {say(isMe ? 'leaveWhy' : 'removeMemberWhy', { workspace: workspace.name })}
      </Confirm>
    </Card>
  )
}

function AddMember({ workspaceId, onAdded }: { workspaceId: string; onAdded: () => void }) {
  const say = useText(WORKSPACES)
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const add = useMutation({
    mutationFn: () =>
      asked(
        client.POST('/api/v1/workspaces/{workspace_id}/members', {
          params: { path: { workspace_id: workspaceId } },
          body: { email, role },
        }),
      ),
    onSuccess: () => {
      setEmail('')
      onAdded()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mt="md">
        <Group align="end" gap="xs">
          <TextInput
            className={classes.grow}
            type="email"
            required
            label={say('addByEmail')}
            placeholder="mina@example.org"
            maxLength={254}
            value={email}
            onChange={(event) => {
              add.reset()
              setEmail(event.currentTarget.value)
            }}
          />
          <Select
            w={130}
            label={say('role')}
            data={ROLES.map((value) => ({ value, label: say(value) }))}
            value={role}
            onChange={(to) => to && setRole(to as Role)}
            allowDeselect={false}
          />
          <Button type="submit" loading={add.isPending} disabled={email.trim() === ''}>
            {say('add')}
          </Button>
        </Group>
        {add.error && <ErrorNote error={add.error} />}
        <Text size="sm" role="status">
          {add.isSuccess && email === '' ? say('added') : ''}
        </Text>
      </Stack>
    </form>
  )
}
