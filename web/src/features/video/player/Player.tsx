import { Button, Loader, Stack, Text } from '@mantine/core'
import { IconMusic, IconTrash } from '@tabler/icons-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { address } from '@/api/client'
import { useText } from '@/state/text'
import type { Video } from '../data/evidence'
import { TEXT as PAGE } from '../text'
import type { Actions } from './actions'
import { CopyForWatching } from './CopyForWatching'
import { useMachine, useMachineState } from './context'
import classes from './Player.module.css'
import { Transport } from './Transport'
import { TEXT } from './text'

interface Props {
  video: Video
  actions: Actions
  frame: RefObject<HTMLElement | null>
}

/** The pictures and everything that moves them. */
export function Player({ video, actions, frame }: Props) {
  const say = useText(PAGE)
  const canPlay = video.is_playable || video.preview === 'ready'
  return (
    <section ref={frame} className={classes.player} aria-label={say('player')}>
      <div className={classes.stage}>
        {video.media_removed_at ? (
          <Stack align="center" gap={4} p="lg" ta="center">
            <IconTrash size={32} stroke={1.3} aria-hidden />
            <Text fw={600}>{say('removed')}</Text>
            <Text size="sm" className={classes.note}>
              {say('removedWhy')}
            </Text>
          </Stack>
        ) : canPlay ? (
          <Media key={`${video.id} ${video.is_playable}`} video={video} actions={actions} />
        ) : (
          <CopyForWatching video={video} />
        )}
      </div>
      <Transport actions={actions} />
    </section>
  )
}

function Media({ video, actions }: { video: Video; actions: Actions }) {
  const say = useText(TEXT)
  const page = useText(PAGE)
  const machine = useMachine()
  const element = useRef<HTMLVideoElement>(null)
  const [tries, setTries] = useState(0)
  const isWaiting = useMachineState((state) => state.isWaiting)
  const fault = useMachineState((state) => state.fault)
  const hasPictures = video.width !== null
  const source = address(`/videos/${video.id}/media`, {
    preview: video.is_playable ? undefined : true,
    try: tries || undefined,
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is another media
  useEffect(() => (element.current ? machine.attach(element.current) : undefined), [machine, source])

  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: what is said stands in the words lane and the transcript */}
      <video
        ref={element}
        src={source}
        className={classes.media}
        data-sound-only={hasPictures ? undefined : true}
        preload="auto"
        playsInline
        tabIndex={-1}
        onClick={() => actions.toggle()}
      />
      {!hasPictures && (
        <Stack align="center" gap={4} className={classes.over}>
          <IconMusic size={40} stroke={1.2} aria-hidden />
          <Text size="sm">{page('soundOnly')}</Text>
        </Stack>
      )}
      {!video.is_playable && (
        <span className={classes.copy} title={page('isCopyWhy')}>
          {page('isCopy')}
        </span>
      )}
      <div role="status" className={classes.over}>
        {isWaiting && !fault && (
          <>
            <Loader size="sm" color="white" aria-hidden />
            <span className={classes.hidden}>{say('waiting')}</span>
          </>
        )}
      </div>
      {fault && (
        <Stack align="center" className={classes.fault} role="alert" gap="xs">
          <Text size="sm">{page(FAULTS[fault])}</Text>
          <Button size="compact-sm" variant="white" onClick={() => setTries(tries + 1)}>
            {page('again')}
          </Button>
        </Stack>
      )}
    </>
  )
}

const FAULTS = { network: 'faultNetwork', decode: 'faultDecode', unsupported: 'faultUnsupported' } as const
