import { Button, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { Confirm } from '@/ui/Confirm'
import { day, moment } from '@/ui/format'
import classes from './People.module.css'
import { type Consent, useRemoveConsent, useWithdraw } from './queries'
import { TEXT } from './text'

interface Of {
  readonly consent: Consent
  readonly onClose: () => void
}

export function ConsentRecord({ consent, onClose }: Of) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': say('close') }}
      title={say('consentOf', { name: consent.subject })}
      size="lg"
      centered
    >
      <Stack>
        <blockquote className={classes.words} lang={consent.language}>
          {consent.text}
        </blockquote>
        <dl className={classes.facts}>
          <dt>{say('policy')}</dt>
          <dd>{words(`policy.${consent.policy}.name`, consent.policy)}</dd>
          <dt>{say('purpose')}</dt>
          <dd>{consent.purpose}</dd>
          <dt>{say('given')}</dt>
          <dd>{moment(consent.given_at, language)}</dd>
          <dt>{say('recordedAt')}</dt>
          <dd>{moment(consent.recorded_at, language)}</dd>
          <dt>{say('state')}</dt>
          <dd>
            {consent.withdrawn_at ? say('withdrawn', { day: day(consent.withdrawn_at, language) }) : say('valid')}
          </dd>
          <dt>{say('fingerprint')}</dt>
          <dd className={classes.hash}>{consent.text_sha256}</dd>
          <dt>{say('identifier')}</dt>
          <dd className={classes.hash}>{consent.id}</dd>
        </dl>
        <Group justify="end">
          <CopyButton value={consent.id}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {say(copied ? 'copied' : 'copyId')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>{say('close')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Says what follows before it is done, and how many analyses rested on it afterwards. */
export function WithdrawConsent({ consent, onClose, onErase }: Of & { onErase: () => void }) {
  const say = useText(TEXT)
  const withdraw = useWithdraw()
  const name = consent.subject
  if (withdraw.data) {
    return (
      <Modal
        opened
        onClose={onClose}
        closeButtonProps={{ 'aria-label': say('close') }}
        title={say('consentOf', { name })}
        centered
      >
        <Stack>
          <Text size="sm" role="status">
            {say('wasWithdrawn', { count: withdraw.data.analyses })} {say('withdrawStays')}
          </Text>
          <Group justify="end">
            {withdraw.data.analyses > 0 && (
              <Button variant="default" onClick={onErase}>
                {say('toErasure')}
              </Button>
            )}
            <Button onClick={onClose}>{say('close')}</Button>
          </Group>
        </Stack>
      </Modal>
    )
  }
  return (
    <Confirm
      isOpen
      isDangerous
      title={say('withdrawTitle', { name })}
      action={say('withdrawAction')}
      isBusy={withdraw.isPending}
      error={withdraw.error}
      onConfirm={() => withdraw.mutate(consent.id)}
      onClose={onClose}
    >
      <Text size="sm">{say('withdrawWhy')}</Text>
      <Text size="sm">{say('withdrawStays')}</Text>
    </Confirm>
  )
}

export function RemoveConsent({ consent, onClose }: Of) {
  const say = useText(TEXT)
  const remove = useRemoveConsent()
  return (
    <Confirm
      isOpen
      isDangerous
      title={say('removeConsentTitle', { name: consent.subject })}
      action={say('removeConsentAction')}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(consent.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      {say('removeConsentWhy')}
    </Confirm>
  )
}
