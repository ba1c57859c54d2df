import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { judged, useRefresh } from '../judging'
import { isTemplateName, templatesOf } from '../templates'
import { TEXT } from './text'

interface Asked {
  analysis: Schemas['AnalysisDetail']
  source: string
  suggested: string
  onClose: () => void
  onDone: () => void
}

/** Keeps changed limits under a name of the workspace's own. */
export function SaveTemplate({ analysis, source, suggested, onClose, onDone }: Asked) {
  const say = useText(TEXT)
  const queries = useQueryClient()
  const refresh = useRefresh()
  const [name, setName] = useState(suggested)
  const [alsoKeep, setAlsoKeep] = useState(true)
  const desk = analysis.desk === 'interview' ? 'interview' : 'qc'
  const { data = [] } = useQuery(templatesOf(desk, analysis.workspace_id))
  const taken = data.find((one) => one.name === name)
  const problem = !isTemplateName(name) ? say('badName') : taken?.is_shipped ? say('shippedName') : null
  const save = useMutation({
    mutationFn: async () => {
      await asked(
        client.PUT('/api/v1/templates/{name}', {
          params: { path: { name }, query: { workspace_id: analysis.workspace_id, desk } },
          // What was there when the name was typed, or nothing: else the server refuses.
          body: { source, seen: taken?.updated_at ?? null, is_new: taken === undefined },
        }),
      )
      if (alsoKeep) await judged(analysis.id, { template: name }, true)
    },
    onSuccess: async () => {
      await Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['templates'] })])
      onDone()
    },
  })
  return (
    <Modal opened onClose={onClose} title={say('saveAs')} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!problem) save.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={say('name')}
            description={taken && !taken.is_shipped ? say('takenName') : say('nameHint')}
            value={name}
            error={name && problem}
            maxLength={100}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label={say('alsoKeep')}
            checked={alsoKeep}
            onChange={(event) => setAlsoKeep(event.currentTarget.checked)}
          />
          {save.error && <ErrorNote error={save.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={problem !== null}>
              {say('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
