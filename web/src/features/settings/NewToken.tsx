import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { CHOICES, type Choice, dayOf, endOf } from './expiry'
import { type Reach, reachesFor } from './scopes'
import { TEXT } from './text'
import { TOKENS } from './textTokens'

const EVERYWHERE = 'all'
const FIRST = { name: '', reach: 'read' as Reach, choice: '90' as Choice, day: '', workspace: EVERYWHERE }

interface Props {
  isOpen: boolean
  onClose: () => void
  onMade: (token: Schemas['NewTokenView']) => void
}

export function NewToken({ isOpen, onClose, onMade }: Props) {
  const say = useText(TOKENS)
  const words = useText(TEXT)
  const who = useWho()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(FIRST)
  const change = (part: Partial<typeof FIRST>) => setAsking({ ...asking, ...part })
  const isForOne = asking.workspace !== EVERYWHERE
  const possible = reachesFor(who.scopes, isForOne)
  const reach = possible.includes(asking.reach) ? asking.reach : (possible.at(-1) ?? 'read')
  const end = endOf(asking.choice, asking.day)
  const create = useMutation({
    mutationFn: () =>
      asked(
        client.POST('/api/v1/tokens', {
          body: {
            name: asking.name,
            scopes: [reach],
            expires_at: end,
            workspace_id: isForOne ? asking.workspace : null,
          },
        }),
      ),
    onSuccess: (token) => {
      setAsking(FIRST)
      void queries.invalidateQueries({ queryKey: ['tokens'] })
      onMade(token)
    },
  })
  const close = () => {
    create.reset()
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Modal opened={isOpen} onClose={close} title={say('new')} centered>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            data-autofocus
            required
            label={say('name')}
            description={say('nameWhy')}
            maxLength={255}
            value={asking.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Select
            label={say('workspace')}
            data={[
              { value: EVERYWHERE, label: say('everyWorkspace') },
              ...who.workspaces.map((mine) => ({ value: mine.id, label: mine.name })),
            ]}
            value={asking.workspace}
            onChange={(to) => to && change({ workspace: to })}
            allowDeselect={false}
          />
          <Radio.Group label={say('reach')} value={reach} onChange={(to) => change({ reach: to as Reach })}>
            <Stack gap="xs" mt={6}>
              {(['read', 'write', 'admin'] as const).map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={say(each)}
                  description={say(each === 'admin' && isForOne ? 'adminNotOne' : `${each}Why`)}
                  disabled={!possible.includes(each)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Group grow align="start">
            <Select
              label={say('ends')}
              data={CHOICES.map((value) => ({
                value,
                label: value === 'day' || value === 'never' ? say(value) : say('inDays', { count: Number(value) }),
              }))}
              value={asking.choice}
              onChange={(to) => to && change({ choice: to as Choice })}
              allowDeselect={false}
            />
            {asking.choice === 'day' && (
              <TextInput
                type="date"
                label={say('lastDay')}
                min={dayOf(Date.now())}
                value={asking.day}
                error={asking.day !== '' && end === undefined ? say('isPast') : undefined}
                onChange={(event) => change({ day: event.currentTarget.value })}
              />
            )}
          </Group>
          {create.error && <ErrorNote error={create.error} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {words('cancel')}
            </Button>
            <Button
              type="submit"
              loading={create.isPending}
              disabled={asking.name.trim() === '' || end === undefined || possible.length === 0}
            >
              {say('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
