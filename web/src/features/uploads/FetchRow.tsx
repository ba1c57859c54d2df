import { ActionIcon, Progress } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useProgressOf } from '@/state/changes'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { bytes, lasting } from '@/ui/format'
import { VideoLink } from '@/ui/VideoLink'
import type { Fetched } from './engine'
import { fetchedOptions } from './server'
import classes from './Tray.module.css'
import { TEXT } from './text'

/** A video the server fetches from an address. */
export function FetchRow({ fetched, dismiss }: { fetched: Fetched; dismiss: () => void }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const progress = useProgressOf(fetched.id)
  const { data } = useQuery(fetchedOptions(fetched.id))
  const state = data?.state ?? 'arriving'
  const why = told(data?.error?.message, language)
  const total = progress?.total_bytes
  const done = progress?.done_bytes
  return (
    <li className={classes.row}>
      <span className={classes.name} title={fetched.name}>
        {data?.video_id ? <VideoLink videoId={data.video_id}>{data.name}</VideoLink> : fetched.name}
      </span>
      <ActionIcon variant="subtle" color="gray" aria-label={say('dismiss', { name: fetched.name })} onClick={dismiss}>
        <IconX size={16} />
      </ActionIcon>
      {state === 'arriving' && (
        <Progress
          className={classes.bar}
          size="sm"
          aria-label={fetched.name}
          value={total && done ? (100 * done) / total : 100}
          animated={!total}
        />
      )}
      <div
        className={`${classes.about} ${classes.wide}`}
        data-tone={state === 'done' ? 'pass' : state === 'failed' ? 'fail' : why ? 'warn' : 'none'}
      >
        {state === 'arriving' && <span>{why ? say('fetchAgain', { why }) : say('fetching')}</span>}
        {state === 'arriving' && done !== undefined && (
          <span>
            {total
              ? say('fetched', { sent: bytes(done, language), size: bytes(total, language) })
              : say('fetchedSome', { sent: bytes(done, language) })}
          </span>
        )}
        {state === 'arriving' && progress?.left_s !== undefined && progress.left_s !== null && (
          <span>{say('left', { time: lasting(progress.left_s, language) })}</span>
        )}
        {state === 'done' && <span>{say('done')}</span>}
        {state === 'failed' && <span>{why || say('failed')}</span>}
      </div>
    </li>
  )
}
