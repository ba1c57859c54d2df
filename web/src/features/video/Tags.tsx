import { ActionIcon, Badge, Group, Popover, TagsInput } from '@mantine/core'
import { IconTag } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import type { Video } from './data/evidence'
import { TEXT } from './text'
import classes from './Viewer.module.css'

/** The tags of a video, for those who may change things with a way to. */
export function Tags({ video }: { video: Video }) {
  const mayEdit = useMayEdit()
  return (
    <Group gap={4} wrap="nowrap" className={classes.tags}>
      {video.tags.map((tag) => (
        <Badge key={tag} size="sm" variant="light" tt="none" className={classes.tag}>
          {tag}
        </Badge>
      ))}
      {mayEdit && <Edit video={video} />}
    </Group>
  )
}

function Edit({ video }: { video: Video }) {
  const say = useText(TEXT)
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const known = useQuery({
    queryKey: ['tags', video.workspace_id],
    queryFn: () => asked(client.GET('/api/v1/tags', { params: { query: { workspace_id: video.workspace_id } } })),
    enabled: isOpen,
  })
  const change = useMutation({
    mutationFn: (tags: string[]) =>
      asked(client.PATCH('/api/v1/videos/{video_id}', { params: { path: { video_id: video.id } }, body: { tags } })),
    onSuccess: (changed) => queries.setQueryData(['video', video.id], changed),
  })
  return (
    <Popover opened={isOpen} onChange={setOpen} width={300} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={say('editTags')}
          onClick={() => setOpen(!isOpen)}
        >
          <IconTag size={15} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <TagsInput
          label={say('tags')}
          placeholder={say('addTag')}
          data={known.data?.items.map(({ tag }) => tag) ?? []}
          value={change.isPending ? change.variables : video.tags}
          onChange={(tags) => change.mutate(tags)}
          comboboxProps={{ withinPortal: false }}
        />
        {change.error ? <ErrorNote error={change.error} /> : null}
      </Popover.Dropdown>
    </Popover>
  )
}
