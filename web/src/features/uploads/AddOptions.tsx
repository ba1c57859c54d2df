import { SegmentedControl, Select, SimpleGrid, Stack, TagsInput, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import type { Who } from '@/state/session'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { moment } from '@/ui/format'
import classes from './AddWindow.module.css'
import { type Choice, possible } from './choice'
import { usePolicies } from './limits'
import { TEXT } from './text'

interface Shown {
  workspaceId: string | undefined
  setWorkspaceId: (id: string) => void
  places: Who['workspaces']
  choice: Choice
  setChoice: (change: (before: Choice) => Choice) => void
}

const MOST_SUGGESTED = 100

/** Where videos go, and what is done with them once they are there. */
export function AddOptions({ workspaceId, setWorkspaceId, places, choice, setChoice }: Shown) {
  const say = useText(TEXT)
  const change = (part: Partial<Choice>) => setChoice((before) => ({ ...before, ...part }))
  const tags = useQuery({
    queryKey: ['tags', workspaceId],
    queryFn: () => asked(client.GET('/api/v1/tags', { params: { query: { workspace_id: workspaceId } } })),
    enabled: workspaceId !== undefined,
  })
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: places.length > 1 ? 2 : 1 }} spacing="sm">
        {places.length > 1 && (
          <Select
            label={say('workspace')}
            data={places.map(({ id, name }) => ({ value: id, label: name }))}
            value={workspaceId ?? null}
            onChange={(id) => id && setWorkspaceId(id)}
            allowDeselect={false}
          />
        )}
        <TagsInput
          label={say('tags')}
          placeholder={choice.tags.length === 0 ? say('tagsHow') : undefined}
          value={[...choice.tags]}
          onChange={(chosen) => change({ tags: chosen })}
          data={tags.data?.items.slice(0, MOST_SUGGESTED).map(({ tag }) => tag) ?? []}
          maxTags={50}
          clearable
        />
      </SimpleGrid>
      <div>
        <Text size="sm" fw={500} mb={4} id="add-then">
          {say('afterwards')}
        </Text>
        <SegmentedControl
          fullWidth
          aria-labelledby="add-then"
          value={choice.desk}
          onChange={(desk) => change({ desk: desk as Choice['desk'] })}
          data={(['qc', 'interview', 'none'] as const).map((desk) => ({ value: desk, label: say(desk) }))}
        />
      </div>
      {choice.desk !== 'none' && <Analysis workspaceId={workspaceId} choice={choice} setChoice={setChoice} />}
    </Stack>
  )
}

function Analysis({ workspaceId, choice, setChoice }: Pick<Shown, 'workspaceId' | 'choice' | 'setChoice'>) {
  const say = useText(TEXT)
  const language = useLanguage()
  const change = (part: Partial<Choice>) => setChoice((before) => ({ ...before, ...part }))
  const templates = useQuery({
    queryKey: ['templates', workspaceId],
    queryFn: () => asked(client.GET('/api/v1/templates', { params: { query: { workspace_id: workspaceId } } })),
    enabled: workspaceId !== undefined,
  })
  const policies = usePolicies()

  // What was remembered may not be there any more.
  useEffect(() => {
    const offered = templates.data?.items
    const allowed = policies.map(({ id }) => id)
    if (offered) setChoice((before) => possible(before, offered, allowed))
  }, [templates.data, policies, setChoice])

  const isInterview = choice.desk === 'interview'
  const offered = (templates.data?.items ?? []).filter(({ desk }) => desk === choice.desk)
  const chosen = isInterview ? choice.rubric : choice.template
  const about = told(offered.find(({ name }) => name === chosen)?.description, language)
  const policy = policies.find(({ id }) => id === choice.policy)
  return (
    <Stack gap="sm">
      <Select
        label={say(isInterview ? 'rubric' : 'template')}
        description={about || undefined}
        data={offered.map(({ name, title }) => ({ value: name, label: told(title, language) || name }))}
        value={chosen}
        onChange={(name) => name && change(isInterview ? { rubric: name } : { template: name })}
        searchable={offered.length > 8}
        allowDeselect={false}
        inputWrapperOrder={['label', 'input', 'description']}
      />
      {isInterview && (
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <Select
              label={say('policy')}
              description={told(policy?.meaning, language) || undefined}
              data={policies.map(({ id, name }) => ({ value: id, label: told(name, language) }))}
              value={choice.policy}
              onChange={(id) => id && change({ policy: id, consent: null })}
              allowDeselect={false}
              inputWrapperOrder={['label', 'input', 'description']}
            />
            <Select
              label={say('spoken')}
              data={(['auto', 'ko', 'en'] as const).map((spoken) => ({ value: spoken, label: say(spoken) }))}
              value={choice.language}
              onChange={(spoken) => spoken && change({ language: spoken })}
              allowDeselect={false}
            />
          </SimpleGrid>
          {policy?.needs_consent && (
            <Consent workspaceId={workspaceId} choice={choice} choose={(consent) => change({ consent })} />
          )}
        </>
      )}
    </Stack>
  )
}

interface Consented {
  workspaceId: string | undefined
  choice: Choice
  choose: (id: string | null) => void
}

function Consent({ workspaceId, choice, choose }: Consented) {
  const say = useText(TEXT)
  const language = useLanguage()
  const { data } = useQuery({
    queryKey: ['consents', workspaceId],
    queryFn: () =>
      asked(client.GET('/api/v1/consents', { params: { query: { workspace_id: workspaceId, limit: 200 } } })),
    enabled: workspaceId !== undefined,
  })
  const usable = (data?.items ?? []).filter(
    ({ policy, withdrawn_at }) => policy === choice.policy && withdrawn_at === null,
  )
  if (data && usable.length === 0) {
    return (
      <p className={classes.note}>
        {say('consentNeeded')} {say('consentNone')}
      </p>
    )
  }
  return (
    <Select
      label={say('consent')}
      description={say('consentNeeded')}
      data={usable.map(({ id, subject, given_at }) => ({
        value: id,
        label: `${subject} · ${moment(given_at, language)}`,
      }))}
      value={choice.consent}
      onChange={choose}
      searchable
      required
    />
  )
}
