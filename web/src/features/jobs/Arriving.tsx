import { ActionIcon, Progress } from '@mantine/core'
import { IconUpload, IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { Confirm } from '@/ui/Confirm'
import { ago, bytes } from '@/ui/format'
import classes from './Jobs.module.css'
import { arrivingUploads } from './queries'
import { TEXT } from './text'

/** Uploads that have begun and not ended, of this browser or another: what is here of them, and a way to be rid of them. */
export function Arriving({ workspaceId }: { workspaceId: string | undefined }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const queries = useQueryClient()
  const { data } = useQuery(arrivingUploads(workspaceId))
  const [leaving, leave] = useState<{ id: string; name: string } | null>(null)
  const giveUp = useMutation({
    mutationFn: (upload_id: string) =>
      asked(client.DELETE('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })),
    onSuccess: () => {
      leave(null)
      void queries.invalidateQueries({ queryKey: ['uploads'] })
    },
  })
  if (!data || data.length === 0) return null
  return (
    <Card title={`${say('arriving')} · ${data.length}`} about={say('arrivingWhy')}>
      <ul className={classes.list}>
        {data.map(({ id, name, size_bytes, here, expires_at }) => (
          <li key={id} className={classes.row} data-mine>
            <IconUpload className={classes.picture} size={20} stroke={1.5} aria-hidden />
            <div className={classes.what}>
              <span className={classes.name} title={name}>
                {name}
              </span>
              <span className={classes.about}>{say('expires', { when: ago(expires_at, language) })}</span>
            </div>
            <div className={classes.how}>
              <div className={classes.progress}>
                <Progress
                  size="sm"
                  value={here !== null && size_bytes ? (100 * here) / size_bytes : 0}
                  aria-label={name}
                />
                <span className={classes.about}>
                  {say('arrivingHere', { sent: bytes(here ?? 0, language), size: bytes(size_bytes, language) })}
                </span>
              </div>
            </div>
            <ActionIcon
              className={classes.acts}
              variant="subtle"
              color="gray"
              aria-label={say('giveUp', { name })}
              title={say('giveUp', { name })}
              onClick={() => leave({ id, name })}
            >
              <IconX size={17} stroke={1.7} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <Confirm
        isOpen={leaving !== null}
        title={say('giveUpAsk')}
        action={say('giveUpDo')}
        isDangerous
        isBusy={giveUp.isPending}
        error={giveUp.error}
        onConfirm={() => leaving && giveUp.mutate(leaving.id)}
        onClose={() => leave(null)}
      >
        {say('giveUpWhy', { name: leaving?.name ?? '' })}
      </Confirm>
    </Card>
  )
}
