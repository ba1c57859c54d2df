import { ActionIcon, Button, Group, Progress } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { VideoLink } from '@/ui/VideoLink'
import type { Engine } from './engine'
import { outlook, shareOf } from './outlook'
import type { Upload } from './queue'
import classes from './Tray.module.css'
import { TEXT } from './text'

/** One upload: how far it is, and what can be done with it now. */
export function UploadRow({ upload, engine }: { upload: Upload; engine: Engine }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [isAsking, ask] = useState(false)
  const { id, phase, name, outcome } = upload
  useSecond(phase === 'sending' || phase === 'away')

  const { tone, parts } = outlook(upload, engine.paceOf(upload), Date.now(), language)
  const share = shareOf(upload)
  const isMoving = phase === 'sending' || phase === 'waiting' || phase === 'away'
  const isOver = phase === 'done'
  return (
    <li className={classes.row} data-phase={phase}>
      <span className={classes.name} title={name}>
        {outcome ? (
          <VideoLink videoId={outcome.videoId} analysisId={outcome.analysisId}>
            {name}
          </VideoLink>
        ) : (
          name
        )}
      </span>
      <Group gap={2} wrap="nowrap">
        {isMoving && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say('pause', { name })}
            onClick={() => engine.dispatch({ type: 'pause', id })}
          >
            <IconPlayerPause size={16} />
          </ActionIcon>
        )}
        {phase === 'paused' && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say('resume', { name })}
            onClick={() => engine.dispatch({ type: 'resume', id })}
          >
            <IconPlayerPlay size={16} />
          </ActionIcon>
        )}
        {phase !== 'elsewhere' && phase !== 'asking' && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say(isOver ? 'dismiss' : 'cancel', { name })}
            onClick={() => (isOver ? engine.dispatch({ type: 'remove', id }) : ask(true))}
          >
            <IconX size={16} />
          </ActionIcon>
        )}
      </Group>
      {!isOver && phase !== 'failed' && (
        <Progress
          className={classes.bar}
          value={share * 100}
          size="sm"
          aria-label={name}
          color={phase === 'away' ? 'yellow' : undefined}
          animated={phase === 'asking'}
        />
      )}
      <div className={`${classes.about} ${classes.wide}`} data-tone={tone}>
        {parts.map(({ key, fields }) => (
          <span key={key}>{say(key, fields)}</span>
        ))}
      </div>
      <Actions upload={upload} engine={engine} />
      <Confirm
        isOpen={isAsking}
        title={say('cancelAsk')}
        action={say('cancelDo')}
        isDangerous
        onConfirm={() => {
          ask(false)
          engine.cancel(id)
        }}
        onClose={() => ask(false)}
      >
        {say('cancelWhy', { name })}
      </Confirm>
    </li>
  )
}

/** The one step that is asked of a person, where one is. */
function Actions({ upload, engine }: { upload: Upload; engine: Engine }) {
  const say = useText(TEXT)
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const { id, phase, name } = upload
  const needsFile = phase === 'fileless' || (phase === 'failed' && !engine.hasFile(id)) || isUnreadable(upload)

  const judge = (found: Awaited<ReturnType<Engine['reopen']>>) => {
    const key = { size: 'otherSize', changed: 'otherChanged', name: 'otherName', denied: 'denied' } as const
    setProblem(found ? say(key[found], { name }) : null)
  }
  if (phase === 'away') {
    return (
      <div className={classes.act}>
        <Button size="compact-xs" variant="light" onClick={() => engine.dispatch({ type: 'resume', id })}>
          {say('now')}
        </Button>
      </div>
    )
  }
  if (phase !== 'fileless' && phase !== 'failed') return null
  return (
    <div className={classes.act}>
      {problem && (
        <div className={classes.about} data-tone="fail" role="alert">
          {problem}
        </div>
      )}
      <Group gap="xs" mt={4}>
        {needsFile && engine.canReopen(id) && (
          <Button size="compact-xs" onClick={async () => judge(await engine.reopen(id))}>
            {say('goOn')}
          </Button>
        )}
        {needsFile ? (
          <Button
            size="compact-xs"
            variant={engine.canReopen(id) ? 'subtle' : 'filled'}
            onClick={() => input.current?.click()}
          >
            {say('chooseAgain')}
          </Button>
        ) : (
          <Button size="compact-xs" variant="light" onClick={() => engine.dispatch({ type: 'resume', id })}>
            {say('retry')}
          </Button>
        )}
      </Group>
      <input
        ref={input}
        type="file"
        hidden
        onChange={async (event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) judge(await engine.give(id, file))
        }}
      />
    </div>
  )
}

function isUnreadable(upload: Upload): boolean {
  return upload.phase === 'failed' && upload.trouble?.code === 'unreadable'
}

/** Draws anew every second, for what is told of time. */
function useSecond(isOn: boolean): void {
  const [, turn] = useState(0)
  useEffect(() => {
    if (!isOn) return
    const clock = setInterval(() => turn((count) => count + 1), 1000)
    return () => clearInterval(clock)
  }, [isOn])
}
