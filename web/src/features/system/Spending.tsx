import { Alert, Group, Select, Skeleton, Stack, Table, Text } from '@mantine/core'
import { IconFeather } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useWho, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { moment, number } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { Wide } from '@/ui/Wide'
import { callsOf, spent, writer } from './queries'
import { used } from './storage'
import { Level } from './Tile'
import classes from './Tile.module.css'
import { SPENDING } from './textSpending'

const NEAR_PERCENT = 100

const PROVIDERS = ['openai', 'anthropic', 'google', 'openai_compatible'] as const

/** A provider as people call it. */
function named(provider: string, say: (key: (typeof PROVIDERS)[number]) => string): string {
  const known = PROVIDERS.find((one) => one === provider)
  return known ? say(known) : provider
}

/** What language models cost, against what they may. */
export function Spending() {
  const say = useText(SPENDING)
  const language = useLanguage()
  const sum = useQuery(spent)
  const { data: who } = useQuery(writer)
  if (sum.error) return <ErrorNote error={sum.error} again={() => void sum.refetch()} />
  if (!sum.data) return <Skeleton height={200} />
  return (
    <Stack gap="sm">
      <Alert variant="light" color="gray" icon={<IconFeather size={18} aria-hidden />}>
        {who?.provider && who.provider !== 'none'
          ? say('writtenBy', { provider: named(who.provider, say), model: who.model || say('usual') })
          : say('writtenHere')}
        {who && !who.is_ready && who.why && ` ${told(who.why, language)}`}
      </Alert>
      <section className={classes.tiles} aria-label={say('spending')}>
        {(['day', 'month'] as const).flatMap((span) => {
          const most = who?.budgets[span]
          return [
            <Spent key={`${span} usd`} label={say(`${span}Usd`)} spent={sum.data[span].usd} most={most?.usd} isMoney />,
            <Spent
              key={`${span} tokens`}
              label={say(`${span}Tokens`)}
              spent={sum.data[span].tokens}
              most={most?.tokens}
            />,
          ]
        })}
      </section>
      <Calls />
    </Stack>
  )
}

function Spent(props: { label: string; spent: number; most: number | undefined; isMoney?: boolean }) {
  const say = useText(SPENDING)
  const language = useLanguage()
  const shown = (value: number) =>
    props.isMoney
      ? new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 }).format(value)
      : number(value, language, 0)
  const share = used(props.spent, props.most)
  return (
    <div className={`sl-card ${classes.tile}`}>
      <div className={classes.label}>{props.label}</div>
      <div className={classes.value}>{shown(props.spent)}</div>
      <div className={classes.detail}>{props.most === undefined ? '' : say('ofMost', { most: shown(props.most) })}</div>
      {share !== null && <Level level={share * 100} limit={NEAR_PERCENT} />}
    </div>
  )
}

/** The latest requests of a workspace one owns. */
function Calls() {
  const say = useText(SPENDING)
  const language = useLanguage()
  const who = useWho()
  const here = useWorkspace()
  const owned = who.workspaces.filter((workspace) => workspace.role === 'owner')
  const [chosen, setChosen] = useState<string | null>(null)
  const id = chosen ?? owned.find((mine) => mine.id === here?.id)?.id ?? owned[0]?.id
  const { data, error, refetch } = useQuery({ ...callsOf(id ?? ''), enabled: id !== undefined })
  if (id === undefined) return null
  return (
    <Card
      title={say('requests')}
      about={say('requestsAbout')}
      actions={
        owned.length > 1 && (
          <Select
            size="xs"
            aria-label={say('workspace')}
            data={owned.map((mine) => ({ value: mine.id, label: mine.name }))}
            value={id}
            onChange={setChosen}
            allowDeselect={false}
          />
        )
      }
    >
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {!data && !error && <Skeleton height={80} />}
      {data && data.items.length === 0 && (
        <Text size="sm" className="sl-quiet">
          {say('noRequests')}
        </Text>
      )}
      {data && data.items.length > 0 && (
        <Wide label={say('requests')}>
          <Table verticalSpacing={6} miw={620}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{say('when')}</Table.Th>
                <Table.Th scope="col">{say('model')}</Table.Th>
                <Table.Th scope="col">{say('outcome')}</Table.Th>
                <Table.Th scope="col" ta="right">
                  {say('tokens')}
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  {say('cost')}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.items.map((call) => (
                <Table.Tr key={call.id}>
                  <Table.Td>{moment(call.created_at, language)}</Table.Td>
                  <Table.Td>
                    {call.model}
                    <Text size="xs" className="sl-quiet">
                      {named(call.provider, say)} · {call.prompt}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Group gap={6}>
                      <Mark tone={call.state === 'unknown' ? 'fail' : 'none'}>
                        {call.state === 'reserved' || call.state === 'settled' || call.state === 'unknown'
                          ? say(call.state)
                          : call.state}
                      </Mark>
                      {call.outcome}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right">
                    {call.tokens_in === null ? '–' : number(call.tokens_in + (call.tokens_out ?? 0), language, 0)}
                  </Table.Td>
                  <Table.Td ta="right">{call.usd === null ? '–' : `$${number(call.usd, language, 4)}`}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  )
}
