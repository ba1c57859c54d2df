import { Button, Group, Progress, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCheck,
  IconDownload,
  IconLoader2,
  IconMinus,
  IconTrash,
  IconX,
} from '@tabler/icons-react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told, useWords } from '@/state/words'
import { bytes, lasting } from '@/ui/format'
import classes from './Models.module.css'
import type { Model } from './queries'
import { percentOf } from './samples'
import { MODELS } from './textModels'

const LOOKS = {
  installed: IconCheck,
  missing: IconMinus,
  pulling: IconLoader2,
  failed: IconAlertTriangle,
  wrong: IconAlertTriangle,
} as const

interface Props {
  model: Model
  isBusy: boolean
  onPull: () => void
  onCancel: () => void
  onRemove: () => void
}

export function ModelRow({ model, isBusy, onPull, onCancel, onRemove }: Props) {
  const say = useText(MODELS)
  const word = useWords()
  const language = useLanguage()
  const state = model.state in LOOKS ? (model.state as keyof typeof LOOKS) : 'missing'
  const Icon = LOOKS[state]
  const isComing = model.state === 'pulling'
  const level = percentOf(model.done_bytes, model.total_bytes)
  const usable = model.is_commercial === null ? 'unclear' : model.is_commercial ? 'commercial' : 'notCommercial'
  return (
    <li className={classes.row}>
      <div>
        <div className={classes.name}>{told(model.purpose, language) || word(`model.${model.id}`, model.id)}</div>
        <div className={classes.facts}>
          <span className={classes.state} data-state={state}>
            <Icon size={15} stroke={2.2} aria-hidden />
            {say(state)}
          </span>
          {model.loaded && <span>{say('loaded')}</span>}
          <code>{model.id}</code>
          <span>{model.size_bytes === null ? say('sizeUnknown') : bytes(model.size_bytes, language)}</span>
          <span>{model.licence}</span>
          <span>{say(usable)}</span>
          {model.needed_by.length > 0 && (
            <span>
              {say('neededBy', { names: model.needed_by.map((name) => word(`meter.${name}`, name)).join(', ') })}
            </span>
          )}
        </div>
        {model.error && model.state !== 'pulling' && (
          <Text size="sm" c="var(--sl-fail)" mt={4} role="alert">
            {told(model.error.message, language)}
          </Text>
        )}
      </div>
      <Group gap={6} wrap="nowrap">
        {isComing && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconX size={15} />}
            loading={isBusy}
            onClick={onCancel}
          >
            {say('cancel')}
          </Button>
        )}
        {!isComing && model.state !== 'installed' && (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconDownload size={15} />}
            loading={isBusy}
            onClick={onPull}
            aria-label={say('pullOf', { id: model.id })}
          >
            {model.done_bytes > 0 && model.state !== 'wrong' ? say('goOn') : say('pull')}
          </Button>
        )}
        {(model.state === 'installed' || model.state === 'wrong') && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={15} />}
            onClick={onRemove}
            aria-label={say('removeOf', { id: model.id })}
          >
            {say('remove')}
          </Button>
        )}
      </Group>
      {isComing && (
        <div className={classes.wide}>
          <Progress
            value={level ?? 100}
            animated={level === null}
            size="sm"
            aria-label={say('progressOf', { id: model.id })}
          />
          <div className={classes.facts}>
            <span>
              {say('partOf', {
                part: bytes(model.done_bytes, language),
                whole: bytes(model.total_bytes, language),
              })}
            </span>
            {model.speed_bytes_s !== null && (
              <span>{say('speed', { speed: bytes(model.speed_bytes_s, language) })}</span>
            )}
            {model.left_s !== null && <span>{say('left', { span: lasting(model.left_s, language) })}</span>}
          </div>
        </div>
      )}
    </li>
  )
}
