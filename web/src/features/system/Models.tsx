import { Group, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { bytes } from '@/ui/format'
import { ModelRow } from './ModelRow'
import classes from './Models.module.css'
import { type Model, shelf } from './queries'
import { MODELS } from './textModels'

/** Whether its files are here, sound or not. */
function isHere({ state }: Model): boolean {
  return state === 'installed' || state === 'wrong'
}

/** What the installation can recognise faces, voices and words with, and what it could. */
export function Models() {
  const say = useText(MODELS)
  const language = useLanguage()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(shelf)
  const [leaving, setLeaving] = useState<Model | null>(null)
  const again = () => queries.invalidateQueries({ queryKey: ['system', 'models'] })
  const act = useMutation({
    mutationFn: ({ id, what }: { id: string; what: 'pull' | 'cancel' }) => {
      const named = { params: { path: { model_id: id } } }
      return what === 'pull'
        ? asked(client.POST('/api/v1/system/models/{model_id}/pull', named))
        : asked(client.POST('/api/v1/system/models/{model_id}/cancel', named))
    },
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: (id: string) =>
      asked(client.DELETE('/api/v1/system/models/{model_id}', { params: { path: { model_id: id } } })),
    onSuccess: () => setLeaving(null),
    onSettled: again,
  })
  const items = data?.items ?? []
  const installed = items.filter((model) => model.state === 'installed')
  const size = installed.reduce((sum, model) => sum + (model.size_bytes ?? 0), 0)
  const groups = [
    { key: 'here', items: items.filter(isHere) },
    { key: 'notHere', items: items.filter((model) => !isHere(model)) },
  ] as const
  return (
    <Stack gap="sm">
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {act.error && <ErrorNote error={act.error} />}
      {!data && !error && <Skeleton height={280} />}
      {data && (
        <Text size="sm" className="sl-quiet">
          {say('about', { count: installed.length, whole: items.length, size: bytes(size, language) })}
        </Text>
      )}
      {data &&
        groups.map(({ key, items: inside }) => (
          <Card key={key} title={say(key)}>
            {inside.length === 0 ? (
              <Text size="sm" className="sl-quiet">
                {say(key === 'here' ? 'noneHere' : 'allHere')}
              </Text>
            ) : (
              <ul className={classes.rows}>
                {inside.map((model) => (
                  <ModelRow
                    key={model.id}
                    model={model}
                    isBusy={act.isPending && act.variables.id === model.id}
                    onPull={() => act.mutate({ id: model.id, what: 'pull' })}
                    onCancel={() => act.mutate({ id: model.id, what: 'cancel' })}
                    onRemove={() => {
                      remove.reset()
                      setLeaving(model)
                    }}
                  />
                ))}
              </ul>
            )}
          </Card>
        ))}
      <Confirm
        isOpen={leaving !== null}
        title={say('removeTitle', { id: leaving?.id ?? '' })}
        action={say('remove')}
        isDangerous
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => leaving && remove.mutate(leaving.id)}
        onClose={() => setLeaving(null)}
      >
        <Group gap={4}>
          <Text size="sm">
            {say('removeWhy', {
              size: bytes(leaving?.size_bytes ?? 0, language),
              needs: leaving?.needed_by.join(', ') || say('nobody'),
            })}
          </Text>
        </Group>
      </Confirm>
    </Stack>
  )
}
