import { Button, Group, Select, Skeleton, Stack, Table, Text, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useWho, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { Wide } from '@/ui/Wide'
import { detailsOf, NOUNS, queryOf, subjectOf, type Wanted } from './audit'
import classes from './Settings.module.css'
import { TEXT } from './text'
import { ACTIONS, AUDIT, SUBJECTS } from './textAudit'

const EVERYTHING = 'all'

/** Who did what, as it was written down. */
export default function AuditSection() {
  const say = useText(AUDIT)
  const words = useText(TEXT)
  const who = useWho()
  const here = useWorkspace()
  const owned = who.workspaces.filter((workspace) => workspace.role === 'owner')
  const first = who.is_admin ? null : (owned.find((mine) => mine.id === here?.id)?.id ?? owned[0]?.id ?? null)
  const [wanted, setWanted] = useState<Wanted>({ workspace_id: first, noun: null, from: '', to: '' })
  const change = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part })
  const query = queryOf(wanted)
  const found = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam }) =>
      asked(client.GET('/api/v1/audit', { params: { query: { ...query, cursor: pageParam, limit: 100 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  const lines = found.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Card title={words('audit')} about={say('about')}>
      <Group gap="sm" mb="sm" align="end">
        <Select
          label={say('of')}
          data={[
            ...(who.is_admin ? [{ value: EVERYTHING, label: say('everything') }] : []),
            ...owned.map((mine) => ({ value: mine.id, label: mine.name })),
          ]}
          value={wanted.workspace_id ?? EVERYTHING}
          onChange={(to) => to && change({ workspace_id: to === EVERYTHING ? null : to })}
          allowDeselect={false}
        />
        <Select
          label={say('what')}
          placeholder={say('anything')}
          data={NOUNS.map((value) => ({ value, label: say(value) }))}
          value={wanted.noun}
          onChange={(noun) => change({ noun })}
          clearable
          clearButtonProps={{ 'aria-label': say('anything') }}
        />
        <TextInput
          type="date"
          label={say('from')}
          value={wanted.from}
          max={wanted.to || undefined}
          onChange={(event) => change({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={say('to')}
          value={wanted.to}
          min={wanted.from || undefined}
          onChange={(event) => change({ to: event.currentTarget.value })}
        />
      </Group>
      {found.error && <ErrorNote error={found.error} again={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={240} />}
      {found.data && lines.length === 0 && (
        <Text size="sm" className="sl-quiet">
          {say('none')}
        </Text>
      )}
      {lines.length > 0 && <Lines lines={lines} />}
      {found.hasNextPage && (
        <Stack align="start" mt="sm">
          <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words('more')}
          </Button>
        </Stack>
      )}
    </Card>
  )
}

function Lines({ lines }: { lines: readonly Schemas['AuditView'][] }) {
  const say = useText(AUDIT)
  const words = useText(TEXT)
  const action = useText(ACTIONS)
  const subject = useText(SUBJECTS)
  const language = useLanguage()
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <Wide label={words('audit')}>
      <Table verticalSpacing={6} miw={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{say('when')}</Table.Th>
            <Table.Th scope="col" miw={160}>
              {say('who')}
            </Table.Th>
            <Table.Th scope="col" miw={150}>
              {say('did')}
            </Table.Th>
            <Table.Th scope="col">{say('subject')}</Table.Th>
            <Table.Th scope="col">{say('details')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => {
            const { noun, id } = subjectOf(line.subject)
            return (
              <Table.Tr key={line.id}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{moment.format(new Date(line.at))}</Table.Td>
                <Table.Td>
                  {line.actor}
                  {line.address && <div className={classes.quiet}>{line.address}</div>}
                </Table.Td>
                <Table.Td>
                  {line.action in ACTIONS.en ? action(line.action as keyof typeof ACTIONS.en) : line.action}
                  <div className={classes.quiet}>{line.action}</div>
                </Table.Td>
                <Table.Td>
                  {noun in SUBJECTS.en ? subject(noun as keyof typeof SUBJECTS.en) : noun}
                  {id && <div className={`${classes.quiet} ${classes.secret}`}>{id}</div>}
                </Table.Td>
                <Table.Td>
                  {detailsOf(line.details).map((detail) => (
                    <div key={detail} className={classes.quiet}>
                      {detail}
                    </div>
                  ))}
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Wide>
  )
}
