import { Button, Group, Modal, Stack, TagsInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ErrorNote } from '@/ui/ErrorNote'
import { tagsOptions } from './api'
import { useShown } from './shown'

interface TagsOf {
  title: string
  action: string
  initial?: readonly string[]
  /** Whether no tag at all is an answer: those of one video may all be taken off. */
  mayBeNone?: boolean
  workspaceId: string | null
  isBusy: boolean
  error?: unknown
  onTags: (tags: string[]) => void
  onClose: () => void
}

export function TagsDialog(props: TagsOf) {
  const { say } = useShown()
  const [tags, setTags] = useState<string[]>([...(props.initial ?? [])])
  const { data } = useQuery(tagsOptions(props.workspaceId))
  return (
    <Modal opened onClose={props.onClose} title={props.title} centered>
      <Stack>
        <TagsInput
          data-autofocus
          label={say('tags')}
          description={say('tagsHint')}
          data={(data?.items ?? []).map(({ tag }) => tag)}
          value={tags}
          onChange={setTags}
          maxTags={50}
          maxLength={100}
          clearable
          acceptValueOnBlur
          // Below, it would cover the button.
          comboboxProps={{ position: 'top-start' }}
          maxDropdownHeight={160}
        />
        {props.error ? <ErrorNote error={props.error} /> : null}
        <Group justify="end">
          <Button variant="default" onClick={props.onClose}>
            {say('cancel')}
          </Button>
          <Button
            loading={props.isBusy}
            disabled={!props.mayBeNone && tags.length === 0}
            onClick={() => props.onTags(tags)}
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
