import { Anchor, Button, Group, Modal, Radio, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { templatesOf, titleOf } from '../templates'
import { InterviewOptions } from './InterviewOptions'
import { type InterviewAsked, nothingAsked, optionsOf, whyNot } from './options'
import { policies, useCreate } from './queries'
import { TEXT } from './text'

type Desk = 'qc' | 'interview'

interface Asked {
  video: Schemas['VideoView']
  /** Another is begun with its desk and template. */
  like: Schemas['AnalysisView'] | null
  onClose: () => void
  onMade: (id: string) => void
}

/** Asks by what the video is to be analysed. */
export function NewAnalysis({ video, like, onClose, onMade }: Asked) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [desk, setDesk] = useState<Desk>(like?.desk === 'interview' ? 'interview' : 'qc')
  const [template, setTemplate] = useState('default')
  const [interview, setInterview] = useState<InterviewAsked>(nothingAsked)
  const templates = useQuery(templatesOf(desk, video.workspace_id))
  const purposes = useQuery({ ...policies, enabled: desk === 'interview' })
  const create = useCreate()
  const known = templates.data ?? []
  const chosen = known.find((one) => one.name === template) ?? known[0]
  const policy = purposes.data?.find((one) => one.id === interview.policy) ?? purposes.data?.[0]
  const problem = desk === 'interview' ? whyNot(interview, policy) : null
  const option = (one: Schemas['TemplateView']) => ({ value: one.name, label: titleOf(one, language) })
  const begin = () =>
    create.mutate(
      {
        video_id: video.id,
        desk,
        template: chosen?.name ?? 'default',
        options: desk === 'interview' ? optionsOf(interview, policy) : {},
        priority: 0,
        waivers: [],
      },
      { onSuccess: (made) => onMade(made.id) },
    )
  return (
    <Modal opened onClose={onClose} title={say('newTitle')} centered size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!problem) begin()
        }}
      >
        <Stack gap="md">
          <Radio.Group label={say('desk')} value={desk} onChange={(to) => setDesk(to as Desk)}>
            <Stack gap="xs" mt={6}>
              <Radio value="qc" label={say('qc')} description={say('qcAbout')} />
              <Radio value="interview" label={say('interview')} description={say('interviewAbout')} />
            </Stack>
          </Radio.Group>
          <div>
            <Select
              label={say(desk === 'qc' ? 'template' : 'rubric')}
              data={[
                { group: say('own'), items: known.filter((one) => !one.is_shipped).map(option) },
                { group: say('shipped'), items: known.filter((one) => one.is_shipped).map(option) },
              ].filter(({ items }) => items.length)}
              value={chosen?.name ?? null}
              allowDeselect={false}
              searchable
              onChange={(to) => to && setTemplate(to)}
            />
            {chosen && (
              <Text size="xs" className="sl-quiet" mt={4}>
                {told(chosen.description, language)}
              </Text>
            )}
          </div>
          {desk === 'interview' && (
            <InterviewOptions
              workspaceId={video.workspace_id}
              policies={purposes.data ?? []}
              policy={policy}
              asked={interview}
              onChange={setInterview}
            />
          )}
          {templates.error && <ErrorNote error={templates.error} again={() => void templates.refetch()} />}
          {purposes.error && <ErrorNote error={purposes.error} again={() => void purposes.refetch()} />}
          {create.error && <ErrorNote error={create.error} />}
          {like && (
            <Text size="xs" className="sl-quiet">
              {say('earlier')}
            </Text>
          )}
          <Group justify="end">
            {problem === 'consent' && (
              <Anchor href="/people" size="sm" mr="auto">
                {say('toPeople')}
              </Anchor>
            )}
            <Button variant="default" onClick={onClose}>
              {say('keep')}
            </Button>
            <Button type="submit" loading={create.isPending} disabled={problem !== null || !chosen}>
              {say('begin')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
