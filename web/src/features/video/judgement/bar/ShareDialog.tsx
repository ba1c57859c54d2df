import {
  ActionIcon,
  Alert,
  Button,
  CopyButton,
  Group,
  Loader,
  Modal,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { moment } from '@/ui/format'
import { expiryOf, MOST_DAYS } from './expiry'
import { sharesOf } from './queries'
import { TEXT } from './text'

const DAYS = [1, 7, 30, MOST_DAYS]

/** Links by which others can look: made, shown once, listed, revoked. */
export function ShareDialog({ analysis, onClose }: { analysis: Schemas['AnalysisDetail']; onClose: () => void }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const queries = useQueryClient()
  const [days, setDays] = useState(7)
  const shares = useQuery(sharesOf(analysis.id))
  const again = () => queries.invalidateQueries({ queryKey: ['shares', analysis.id] })
  const make = useMutation({
    mutationFn: () =>
      asked(
        client.POST('/api/v1/analyses/{analysis_id}/shares', {
          params: { path: { analysis_id: analysis.id } },
          body: { expires_at: expiryOf(days, Date.now()) },
        }),
      ),
    onSuccess: again,
  })
  const revoke = useMutation({
    mutationFn: (id: string) =>
      asked(client.DELETE('/api/v1/shares/{share_id}', { params: { path: { share_id: id } } })),
    onSuccess: again,
  })
  return (
    <Modal opened onClose={onClose} title={say('shareTitle')} centered>
      <Stack gap="md">
        <Text size="sm" className="sl-quiet">
          {say('shareMeans')} {analysis.desk === 'interview' && say('shareDisputes')}
        </Text>
        <Group align="end" gap="xs">
          <Select
            label={say('lasts')}
            data={DAYS.map((count) => ({ value: String(count), label: say('days', { count }) }))}
            value={String(days)}
            allowDeselect={false}
            onChange={(to) => setDays(Number(to))}
            style={{ flex: 1 }}
          />
          <Button loading={make.isPending} onClick={() => make.mutate()}>
            {say('makeLink')}
          </Button>
        </Group>
        {make.error && <ErrorNote error={make.error} />}
        {make.data && (
          <Alert color="tide" variant="light" role="status">
            <Stack gap={6}>
              <Text size="sm">{say('linkOnce')}</Text>
              <Group gap="xs" wrap="nowrap">
                <TextInput
                  aria-label={say('link')}
                  readOnly
                  value={make.data.url}
                  style={{ flex: 1 }}
                  onFocus={(event) => event.currentTarget.select()}
                />
                <CopyButton value={make.data.url}>
                  {({ copied, copy }) => <Button onClick={copy}>{say(copied ? 'copied' : 'copy')}</Button>}
                </CopyButton>
              </Group>
            </Stack>
          </Alert>
        )}
        <div>
          <Text size="sm" fw={600} mb={4}>
            {say('links')}
          </Text>
          {shares.isLoading && <Loader size="xs" />}
          {shares.error && <ErrorNote error={shares.error} again={() => void shares.refetch()} />}
          {shares.data?.length === 0 && (
            <Text size="sm" className="sl-quiet">
              {say('noLinks')}
            </Text>
          )}
          {shares.data?.map((share) => {
            const made = moment(share.created_at, language)
            return (
              <Group key={share.id} justify="space-between" wrap="nowrap" py={4}>
                <Text size="sm">
                  {say('until', { when: moment(share.expires_at, language) })}{' '}
                  <span className="sl-quiet">· {say('made', { when: made })}</span>
                </Text>
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={say('revokeOf', { when: made })}
                  title={say('revoke')}
                  loading={revoke.isPending && revoke.variables === share.id}
                  onClick={() => revoke.mutate(share.id)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            )
          })}
          {revoke.error && <ErrorNote error={revoke.error} />}
        </div>
      </Stack>
    </Modal>
  )
}
