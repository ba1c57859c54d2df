import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type Language, useLanguage } from '@/state/language'
import { render, useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { type Given, localMinute, wrongIn } from './given'
import { type Consent, usePolicies, useRecordConsent } from './queries'
import { TEXT } from './text'

const OTHER = 'other'
const SPOKEN: readonly string[] = ['ko', 'en']

/** Records what a person agreed to. Errors are told once somebody tried to record it. */
export function ConsentForm({ onClose }: { onClose: () => void }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const policies = usePolicies()
  const record = useRecordConsent()
  const [hasTried, setTried] = useState(false)
  const [given, setGiven] = useState<Given>(() => ({
    subject: '', contact: '', purpose: '', policy: '', language, at: localMinute(new Date()), text: '',
  })) // biome-ignore format: one record, one line
  const set = (part: Partial<Given>) => setGiven((before) => ({ ...before, ...part }))
  const wrong = hasTried ? wrongIn(given, Date.now()) : {}
  const errorOf = (name: keyof Given) => wrong[name] && say(wrong[name])
  const chosen = policies.data?.items.find((one) => one.id === given.policy)

  const submit = () => {
    setTried(true)
    if (Object.keys(wrongIn(given, Date.now())).length > 0) return
    const { subject, purpose, text } = given
    record.mutate(
      {
        subject, purpose, text, language: given.language, policy: given.policy as Consent['policy'] as 'hiring',
        contact: given.contact.trim() || null, given_at: new Date(given.at).toISOString(),
      },
      { onSuccess: onClose },
    ) // biome-ignore format: one record
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': say('close') }}
      title={say('record')}
      size="lg"
      centered
      closeOnClickOutside={false}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Group grow align="start" preventGrowOverflow={false}>
            <TextInput
              label={say('person')}
              required
              maxLength={255}
              value={given.subject}
              error={errorOf('subject')}
              onChange={(event) => set({ subject: event.currentTarget.value })}
            />
            <TextInput
              label={say('givenAt')}
              type="datetime-local"
              required
              value={given.at}
              error={errorOf('at')}
              onChange={(event) => set({ at: event.currentTarget.value })}
            />
          </Group>
          <TextInput
            label={say('contact')}
            description={say('contactWhy')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={320}
            value={given.contact}
            onChange={(event) => set({ contact: event.currentTarget.value })}
          />
          {policies.error && <ErrorNote error={policies.error} again={() => policies.refetch()} />}
          <Select
            label={say('policy')}
            required
            data={(policies.data?.items ?? []).map((one) => ({ value: one.id, label: told(one.name, language) }))}
            value={given.policy || null}
            error={errorOf('policy')}
            description={
              chosen &&
              `${say(chosen.needs_consent ? 'needsConsent' : 'needsNoConsent')}. ${told(chosen.meaning, language)}`
            }
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            onChange={(policy) => set({ policy: policy ?? '' })}
          />
          <TextInput
            label={say('purpose')}
            required
            maxLength={2000}
            value={given.purpose}
            error={errorOf('purpose')}
            onChange={(event) => set({ purpose: event.currentTarget.value })}
          />
          <SpokenIn
            language={given.language}
            error={errorOf('language')}
            onChange={(code) => set({ language: code })}
          />
          <Words given={given} policy={chosen?.name} error={errorOf('text')} onChange={(text) => set({ text })} />
          {record.error && <ErrorNote error={record.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={record.isPending}>
              {say('recordAction')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface Code {
  readonly language: string
  readonly error: string | undefined
  readonly onChange: (code: string) => void
}

function SpokenIn({ language, error, onChange }: Code) {
  const say = useText(TEXT)
  const isOther = !SPOKEN.includes(language)
  return (
    <Group grow align="start" preventGrowOverflow={false}>
      <Select
        label={say('language')}
        allowDeselect={false}
        data={[
          { value: 'ko', label: say('korean') },
          { value: 'en', label: say('english') },
          { value: OTHER, label: say('other') },
        ]}
        value={isOther ? OTHER : language}
        onChange={(code) => onChange(code === OTHER || code === null ? '' : code)}
      />
      {isOther && (
        <TextInput
          label={say('languageCode')}
          maxLength={32}
          value={language}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Group>
  )
}

interface WordsRead {
  readonly given: Given
  readonly policy: Readonly<Record<string, string>> | undefined
  readonly error: string | undefined
  readonly onChange: (text: string) => void
}

function Words({ given, policy, error, onChange }: WordsRead) {
  const say = useText(TEXT)
  const spoken = SPOKEN.includes(given.language) ? (given.language as Language) : null
  return (
    <div>
      <Textarea
        label={say('readText')}
        description={say('readTextWhy')}
        required
        autosize
        minRows={4}
        maxRows={12}
        maxLength={50_000}
        lang={given.language || undefined}
        value={given.text}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {spoken && policy && (
        <Group gap="xs" mt={6}>
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => onChange(render(TEXT[spoken].usual, { policy: told(policy, spoken) }, spoken))}
          >
            {say('insertUsual')}
          </Button>
          <Text size="xs" className="sl-quiet">
            {say('usualWhy')}
          </Text>
        </Group>
      )}
    </div>
  )
}
