import { Group, Loader, Select, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { day } from '@/ui/format'
import { DifferencesView } from './DifferencesView'
import { differences } from './differences'
import { useWorkspaceId } from './queries'
import { TEXT } from './text'
import type { Desk } from './types'

const MOST_SHOWN = 30

interface Tried {
  readonly desk: Desk
  readonly name: string
  /** The text as it is now; null: the template that comes with the program. */
  readonly source: string | null
  readonly isValid: boolean
}

/** What a template would make of a video that was analysed before. Nothing is kept. */
export function TryIt({ desk, name, source, isValid }: Tried) {
  const say = useText(TEXT)
  const [chosen, choose] = useState<string | null>(null)
  const analysis = useQuery({
    queryKey: ['analysis', chosen],
    queryFn: () =>
      asked(client.GET('/api/v1/analyses/{analysis_id}', { params: { path: { analysis_id: chosen as string } } })),
    enabled: chosen !== null,
  })
  const tried = useQuery({
    queryKey: ['tried', chosen, desk, name, source],
    queryFn: () =>
      asked(
        client.POST('/api/v1/analyses/{analysis_id}/judgement', {
          params: { path: { analysis_id: chosen as string } },
          body: { template: name, template_source: source, keep: false },
        }),
      ),
    enabled: chosen !== null && isValid,
    placeholderData: (before) => before,
    staleTime: 30_000,
  })
  return (
    <Stack gap="md">
      <Text size="sm" className="sl-quiet">
        {say('tryWhy')}
      </Text>
      <Choice desk={desk} chosen={chosen} onChoose={choose} />
      {!isValid && <Text size="sm">{say('tryInvalid')}</Text>}
      {analysis.error && <ErrorNote error={analysis.error} again={() => analysis.refetch()} />}
      {tried.error && <ErrorNote error={tried.error} again={() => tried.refetch()} />}
      {chosen && (tried.isFetching || analysis.isLoading) && !tried.data && <Loader size="sm" type="dots" />}
      {chosen && isValid && tried.data && analysis.data && !tried.error && (
        <DifferencesView
          before={analysis.data.template}
          after={name}
          found={differences(analysis.data.judgement, tried.data.judgement)}
          isBusy={tried.isPlaceholderData}
        />
      )}
    </Stack>
  )
}

function Choice({
  desk,
  chosen,
  onChoose,
}: {
  desk: Desk
  chosen: string | null
  onChoose: (id: string | null) => void
}) {
  const say = useText(TEXT)
  const language = useLanguage()
  const workspace_id = useWorkspaceId()
  const [typed, setTyped] = useState('')
  const [kept, keep] = useState<{ value: string; label: string } | null>(null)
  // The chosen name stands in the field: it is not what is looked for.
  const [q] = useDebouncedValue(typed === kept?.label ? '' : typed, 250)
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ['videos', 'to try', workspace_id, desk, q],
    queryFn: () =>
      asked(client.GET('/api/v1/videos', { params: { query: { workspace_id, desk, q, limit: MOST_SHOWN } } })),
  })
  const found = (data?.items ?? []).flatMap((video) =>
    video.analyses
      .filter((one) => one.desk === desk && one.state === 'done')
      .map((one) => ({ value: one.id, label: `${video.name} · ${one.template} · ${day(one.created_at, language)}` })),
  )
  const options = kept && !found.some((one) => one.value === kept.value) ? [kept, ...found] : found
  if (error) return <ErrorNote error={error} again={() => refetch()} />
  return (
    <Group align="end">
      <Select
        label={say('tryOn')}
        placeholder={say(isLoading ? 'loading' : 'tryChoose')}
        style={{ flex: '1 1 22rem' }}
        maw={640}
        searchable
        clearable
        data={options}
        filter={({ options: all }) => all}
        nothingFoundMessage={q ? say('tryNotFound') : say('tryNone')}
        searchValue={typed}
        onSearchChange={setTyped}
        value={chosen}
        onChange={(id, option) => {
          keep(id && option ? { value: id, label: option.label } : null)
          onChoose(id)
        }}
      />
    </Group>
  )
}
