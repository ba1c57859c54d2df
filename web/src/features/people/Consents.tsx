import { ActionIcon, Alert, Button, Group, Loader, Menu, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDots, IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { day, moment } from '@/ui/format'
import { ConsentRecord, RemoveConsent, WithdrawConsent } from './ConsentDialogs'
import { ConsentForm } from './ConsentForm'
import classes from './People.module.css'
import { type Consent, useConsents } from './queries'
import { TEXT } from './text'

interface Doing {
  readonly what: 'show' | 'withdraw' | 'remove'
  readonly consent: Consent
}

/** Who agreed to what: records that are made here and cannot be changed afterwards. */
export function Consents({ onErase }: { onErase: () => void }) {
  const say = useText(TEXT)
  const mayEdit = useMayEdit()
  if (!mayEdit) {
    return (
      <Alert color="gray" variant="light">
        {say('editorsOnly')}
      </Alert>
    )
  }
  return <Recorded onErase={onErase} />
}

function Recorded({ onErase }: { onErase: () => void }) {
  const say = useText(TEXT)
  const [contact, setContact] = useState('')
  const [wanted] = useDebouncedValue(contact.trim(), 400)
  const [isNew, setNew] = useState(false)
  const [doing, setDoing] = useState<Doing | null>(null)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useConsents(wanted)
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  const close = () => setDoing(null)
  return (
    <Stack>
      <Text size="sm" className="sl-quiet" maw={760}>
        {say('consentsWhy')}
      </Text>
      <Group justify="space-between" align="start">
        <TextInput
          type="search"
          label={say('findByContact')}
          description={say('findByContactWhy')}
          inputWrapperOrder={['label', 'input', 'description']}
          leftSection={<IconSearch size={15} aria-hidden />}
          style={{ flex: '1 1 16rem' }}
          maw={460}
          maxLength={320}
          value={contact}
          onChange={(event) => setContact(event.currentTarget.value)}
        />
        <Button mt={{ base: 0, xs: 24 }} leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
          {say('record')}
        </Button>
      </Group>
      {error && <ErrorNote error={error} again={() => refetch()} />}
      {!data && !error && <Loader size="sm" type="dots" />}
      {data && rows.length === 0 && <div className={classes.empty}>{say(wanted ? 'noConsentsOf' : 'noConsents')}</div>}
      {rows.length > 0 && <Rows rows={rows} onDo={setDoing} />}
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          {say('more')}
        </Button>
      )}
      {isNew && <ConsentForm onClose={() => setNew(false)} />}
      {doing?.what === 'show' && <ConsentRecord consent={doing.consent} onClose={close} />}
      {doing?.what === 'withdraw' && <WithdrawConsent consent={doing.consent} onClose={close} onErase={onErase} />}
      {doing?.what === 'remove' && <RemoveConsent consent={doing.consent} onClose={close} />}
    </Stack>
  )
}

function Rows({ rows, onDo }: { rows: readonly Consent[]; onDo: (doing: Doing) => void }) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  return (
    <div className="sl-card">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{say('person')}</th>
            <th scope="col">{say('policy')}</th>
            <th scope="col">{say('purpose')}</th>
            <th scope="col">{say('given')}</th>
            <th scope="col">{say('state')}</th>
            <th scope="col">
              <VisuallyHidden>{say('whatToDo')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((consent) => (
            <tr key={consent.id}>
              <th scope="row">
                <button type="button" className={classes.name} onClick={() => onDo({ what: 'show', consent })}>
                  {consent.subject}
                </button>
              </th>
              <td>{words(`policy.${consent.policy}.name`, consent.policy)}</td>
              <td>{consent.purpose}</td>
              <td data-label={say('given')}>{moment(consent.given_at, language)}</td>
              <td>
                {consent.withdrawn_at ? say('withdrawn', { day: day(consent.withdrawn_at, language) }) : say('valid')}
              </td>
              <td data-end>
                <Actions consent={consent} onDo={onDo} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Actions({ consent, onDo }: { consent: Consent; onDo: (doing: Doing) => void }) {
  const say = useText(TEXT)
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={say('actions', { name: consent.subject })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onDo({ what: 'show', consent })}>{say('open')}</Menu.Item>
        {!consent.withdrawn_at && (
          <Menu.Item onClick={() => onDo({ what: 'withdraw', consent })}>{say('withdraw')}</Menu.Item>
        )}
        <Menu.Item color="red" onClick={() => onDo({ what: 'remove', consent })}>
          {say('removeConsent')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
