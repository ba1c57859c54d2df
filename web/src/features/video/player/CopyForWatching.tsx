import { Button, Progress, Stack, Text } from '@mantine/core'
import { IconMovieOff } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { asked, client, isShare, type Schemas } from '@/api/client'
import { useProgress } from '@/state/changes'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { lasting, percent } from '@/ui/format'
import type { Video } from '../data/evidence'
import { TEXT } from '../text'
import classes from './Player.module.css'

/** For what no browser plays: a small copy is asked for at once, and its making is shown. */
export function CopyForWatching({ video }: { video: Video }) {
  const say = useText(TEXT)
  const mayEdit = useMayEdit()
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () =>
      asked(client.POST('/api/v1/videos/{video_id}/preview', { params: { path: { video_id: video.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['video', video.id] }),
  })
  const begun = useRef(false)
  const { mutate } = make
  const isDue = mayEdit && (video.preview === 'none' || video.preview === 'queued' || video.preview === 'running')
  useEffect(() => {
    if (!isDue || begun.current) return
    begun.current = true
    mutate()
  }, [isDue, mutate])

  return (
    <Stack align="center" gap="xs" p="lg" ta="center" maw={520}>
      <IconMovieOff size={32} stroke={1.3} aria-hidden />
      <Text fw={600}>{say('notPlayable')}</Text>
      <Text size="sm" className={classes.note}>
        {say(isShare() || !mayEdit ? 'askOwner' : 'notPlayableWhy')}
      </Text>
      {make.data && <Making job={make.data} />}
      {video.preview === 'failed' && !make.isPending && <Text size="sm">{say('copyFailed')}</Text>}
      {make.error ? <ErrorNote error={make.error} again={() => mutate()} /> : null}
      {mayEdit && video.preview === 'failed' && (
        <Button size="compact-sm" variant="white" loading={make.isPending} onClick={() => mutate()}>
          {say('again')}
        </Button>
      )}
    </Stack>
  )
}

function Making({ job }: { job: Schemas['JobView'] }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const progress = useProgress(job.id)
  const { data } = useQuery({
    queryKey: ['job', job.id],
    queryFn: () => asked(client.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id: job.id } } })),
  })
  if (data && data.state !== 'queued' && data.state !== 'running') return null
  const share = progress?.done_s && progress.total_s ? progress.done_s / progress.total_s : 0
  const left = progress?.left_s
  return (
    <Stack gap={4} w="100%" maw={360}>
      <Progress.Root size="sm">
        <Progress.Section value={share * 100} aria-label={say('makingCopy')} />
      </Progress.Root>
      <Text size="xs" className={classes.note}>
        {say('makingCopy')} · {say('percentDone', { done: percent(share, language) })}
        {left ? ` · ${say('timeLeft', { time: lasting(left, language) })}` : ''}
      </Text>
    </Stack>
  )
}
