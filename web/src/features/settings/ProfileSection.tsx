import { Button, Group, SegmentedControl, Stack, Text, TextInput, useMantineColorScheme } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asked, client } from '@/api/client'
import { type Language, setLanguage, useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { Browsers } from './Browsers'
import { PasswordForm } from './PasswordForm'
import { TEXT } from './text'
import { PROFILE } from './textProfile'

export default function ProfileSection() {
  return (
    <Stack gap="sm">
      <You />
      <Looks />
      <PasswordForm />
      <Browsers />
    </Stack>
  )
}

function You() {
  const say = useText(PROFILE)
  const words = useText(TEXT)
  const who = useWho()
  const queries = useQueryClient()
  const [name, setName] = useState(who.user?.name ?? '')
  const save = useMutation({
    mutationFn: () => asked(client.PATCH('/api/v1/account', { body: { name } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Card title={say('you')}>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={440}>
          <div>
            <Text size="sm" fw={500}>
              {say('email')}
            </Text>
            <Text size="sm">{who.user?.email}</Text>
          </div>
          <TextInput
            label={say('name')}
            description={say('nameWhy')}
            value={name}
            maxLength={255}
            autoComplete="name"
            onChange={(event) => {
              save.reset()
              setName(event.currentTarget.value)
            }}
          />
          {save.error && <ErrorNote error={save.error} />}
          <Group gap="sm">
            <Button type="submit" loading={save.isPending} disabled={name === (who.user?.name ?? '')}>
              {words('save')}
            </Button>
            <Text size="sm" role="status">
              {save.isSuccess ? words('saved') : ''}
            </Text>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

/** Language and colours: as chosen at once, the language for the account as well. */
function Looks() {
  const say = useText(PROFILE)
  const language = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const keep = useMutation({
    mutationFn: (to: Language) => asked(client.PATCH('/api/v1/account', { body: { language: to } })),
  })
  return (
    <Card title={say('looks')}>
      <Group gap="xl" align="start">
        <Stack gap={4} align="start">
          <Text size="sm" fw={500}>
            {say('language')}
          </Text>
          <SegmentedControl
            aria-label={say('language')}
            value={language}
            onChange={(to) => {
              setLanguage(to as Language)
              keep.mutate(to as Language)
            }}
            data={[
              { value: 'en', label: 'English' },
              { value: 'ko', label: '한국어' },
            ]}
          />
          <Text size="xs" className="sl-quiet">
            {say('languageWhy')}
          </Text>
        </Stack>
        <Stack gap={4} align="start">
          <Text size="sm" fw={500}>
            {say('scheme')}
          </Text>
          <SegmentedControl
            aria-label={say('scheme')}
            value={colorScheme}
            onChange={(to) => setColorScheme(to as 'light' | 'dark' | 'auto')}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: say(value) }))}
          />
          <Text size="xs" className="sl-quiet">
            {say('schemeWhy')}
          </Text>
        </Stack>
      </Group>
      {keep.error && <ErrorNote error={keep.error} />}
    </Card>
  )
}
