import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client } from '@/api/client'
import { chooseWorkspace, type Who } from '@/state/session'
import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { TEXT } from './text'
import { WORKSPACES } from './textWorkspaces'

export type Workspace = Who['workspaces'][number]

/** A new workspace, or another name for one. */
export function NameWorkspace({ workspace, onClose }: { workspace: Workspace | 'new'; onClose: () => void }) {
  const say = useText(WORKSPACES)
  const words = useText(TEXT)
  const queries = useQueryClient()
  const isNew = workspace === 'new'
  const [name, setName] = useState(isNew ? '' : workspace.name)
  const keep = useMutation({
    mutationFn: () =>
      isNew
        ? asked(client.POST('/api/v1/workspaces', { body: { name } }))
        : asked(
            client.PATCH('/api/v1/workspaces/{workspace_id}', {
              params: { path: { workspace_id: workspace.id } },
              body: { name },
            }),
          ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['session'] })
      if (isNew) chooseWorkspace(made.id)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keep.mutate()
  }
  return (
    <Modal opened onClose={onClose} title={say(isNew ? 'new' : 'rename')} centered>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            data-autofocus
            required
            label={say('name')}
            maxLength={255}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {keep.error && <ErrorNote error={keep.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {words('cancel')}
            </Button>
            <Button type="submit" loading={keep.isPending} disabled={name.trim() === ''}>
              {isNew ? say('create') : words('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** An empty one goes at once; one that holds videos only with all of them, and only where its name is typed. */
export function RemoveWorkspace({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const say = useText(WORKSPACES)
  const queries = useQueryClient()
  const [isForced, setForced] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useMutation({
    mutationFn: () =>
      asked(
        client.DELETE('/api/v1/workspaces/{workspace_id}', {
          params: { path: { workspace_id: workspace.id }, query: { force: isForced } },
        }),
      ),
    onSuccess: async () => {
      // First which workspaces there are: nothing of this one is asked for any more.
      await queries.invalidateQueries({ queryKey: ['session'] })
      onClose()
      void queries.invalidateQueries()
    },
  })
  const isSure = !isForced || typed.trim() === workspace.name
  return (
    <Confirm
      isOpen
      title={say('removeTitle', { name: workspace.name })}
      action={say(isForced ? 'removeAll' : 'remove')}
      isDangerous
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => isSure && remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">{say('removeWhy')}</Text>
        <Checkbox
          label={say('force')}
          checked={isForced}
          onChange={(event) => {
            remove.reset()
            setForced(event.currentTarget.checked)
          }}
        />
        {isForced && (
          <TextInput
            label={say('typeName', { name: workspace.name })}
            value={typed}
            error={typed !== '' && !isSure ? say('otherName') : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Stack>
    </Confirm>
  )
}
