import { Button, Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client } from '@/api/client'
import type { Language } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { TEXT } from './text'
import { USERS } from './textUsers'
import type { User } from './user'

const AS_BROWSER = 'browser'

interface Asking {
  readonly email: string
  readonly name: string
  readonly language: Language | null
  readonly is_admin: boolean
}

/** An account that is opened by a one-time link: nobody has to think of a password for somebody else. */
export function NewUser({ onClose, onMade }: { onClose: () => void; onMade: (user: User) => void }) {
  const say = useText(USERS)
  const words = useText(TEXT)
  const queries = useQueryClient()
  const [asking, setAsking] = useState<Asking>({ email: '', name: '', language: null, is_admin: false })
  const change = (part: Partial<Asking>) => setAsking({ ...asking, ...part })
  const create = useMutation({
    mutationFn: () => asked(client.POST('/api/v1/users', { body: asking })),
    onSuccess: (user) => {
      void queries.invalidateQueries({ queryKey: ['users'] })
      onMade(user)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Modal opened onClose={onClose} title={say('new')} centered>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            data-autofocus
            required
            type="email"
            label={say('email')}
            maxLength={254}
            autoComplete="off"
            value={asking.email}
            onChange={(event) => change({ email: event.currentTarget.value })}
          />
          <TextInput
            label={say('name')}
            maxLength={255}
            autoComplete="off"
            value={asking.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Select
            label={say('language')}
            data={[
              { value: AS_BROWSER, label: say('asBrowser') },
              { value: 'en', label: 'English' },
              { value: 'ko', label: '한국어' },
            ]}
            value={asking.language ?? AS_BROWSER}
            onChange={(to) => to && change({ language: to === AS_BROWSER ? null : (to as Language) })}
            allowDeselect={false}
          />
          <Switch
            label={say('admin')}
            description={say('adminWhat')}
            checked={asking.is_admin}
            onChange={(event) => change({ is_admin: event.currentTarget.checked })}
          />
          {create.error && <ErrorNote error={create.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {words('cancel')}
            </Button>
            <Button type="submit" loading={create.isPending} disabled={asking.email.trim() === ''}>
              {say('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
