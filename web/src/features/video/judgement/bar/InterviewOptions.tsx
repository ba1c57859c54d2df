import { Alert, Radio, Select, Stack, Switch, Text, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { day } from '@/ui/format'
import { allowsEmotion, type InterviewAsked } from './options'
import { consentsOf } from './queries'
import { isUnreadable, questionsOf } from './questions'
import { TEXT } from './text'

type Policy = Schemas['PolicyView']

interface Asked {
  workspaceId: string
  policies: readonly Policy[]
  policy: Policy | undefined
  asked: InterviewAsked
  onChange: (to: InterviewAsked) => void
}

/** For what purpose a person is looked at, with whose consent, in which language, and by which questions. */
export function InterviewOptions({ workspaceId, policies, policy, asked, onChange }: Asked) {
  const say = useText(TEXT)
  const language = useLanguage()
  const consents = useQuery({ ...consentsOf(workspaceId), enabled: policy?.needs_consent === true })
  const records = (consents.data ?? []).filter((one) => one.policy === policy?.id && one.withdrawn_at === null)
  const change = (part: Partial<InterviewAsked>) => onChange({ ...asked, ...part })
  const questions = questionsOf(asked.questions)
  return (
    <Stack gap="md">
      <Radio.Group
        label={say('policy')}
        value={policy?.id ?? ''}
        onChange={(to) => change({ policy: to, consent: null })}
      >
        <Stack gap="xs" mt={6}>
          {policies.map((one) => (
            <Radio
              key={one.id}
              value={one.id}
              label={told(one.name, language)}
              description={one.id === policy?.id ? told(one.meaning, language) : undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
      {policy?.needs_consent && (
        <div>
          {consents.error && <ErrorNote error={consents.error} again={() => void consents.refetch()} />}
          <Select
            label={say('consent')}
            description={say('consentNeeded')}
            placeholder={say('consentChoose')}
            withAsterisk
            searchable
            disabled={consents.isLoading || !records.length}
            data={records.map((one) => ({
              value: one.id,
              label: say('consentOf', { subject: one.subject, day: day(one.given_at, language) }),
            }))}
            value={asked.consent}
            onChange={(consent) => change({ consent })}
          />
          {consents.data && !records.length && (
            <Alert color="gray" variant="light" mt="xs" py="xs">
              <Text size="sm">{say('consentNone')}</Text>
            </Alert>
          )}
        </div>
      )}
      <Select
        label={say('language')}
        data={(['auto', 'ko', 'en'] as const).map((value) => ({ value, label: say(value) }))}
        value={asked.language}
        allowDeselect={false}
        onChange={(to) => change({ language: to as InterviewAsked['language'] })}
      />
      {allowsEmotion(policy) && (
        <Switch
          label={say('emotion')}
          description={say('emotionWhy')}
          checked={asked.emotion}
          onChange={(event) => change({ emotion: event.currentTarget.checked })}
        />
      )}
      <Textarea
        label={say('questions')}
        description={say('questionsHint')}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={60_000}
        spellCheck={false}
        value={asked.questions}
        error={isUnreadable(questions) ? say('questionsBad', { line: questions.line }) : undefined}
        onChange={(event) => change({ questions: event.currentTarget.value })}
      />
      {!isUnreadable(questions) && questions.length > 0 && (
        <Text size="xs" className="sl-quiet">
          {say('questionsFound', { count: questions.length })}
        </Text>
      )}
    </Stack>
  )
}
