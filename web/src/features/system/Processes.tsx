import { Group, Skeleton, Table, Text } from '@mantine/core'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { ago, bytes, moment, number } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { Wide } from '@/ui/Wide'
import type { System } from './queries'
import type { Sample } from './samples'
import { TEXT } from './text'

export interface ProcessInfo {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly is_dispatcher: boolean
  readonly started_at: string
  readonly seen_at: string
  readonly sample: Partial<Sample> & { readonly jobs?: { readonly running?: number } }
}

export function processesOf(state: System): ProcessInfo[] {
  return state.processes as unknown as ProcessInfo[]
}

/** The processes of the installation, on whichever machine. */
export function Processes({ state }: { state: System | undefined }) {
  const say = useText(TEXT)
  const language = useLanguage()
  return (
    <Card title={say('processes')} about={say('processesAbout')}>
      {!state ? (
        <Skeleton height={72} />
      ) : (
        <Wide label={say('processes')}>
          <Table verticalSpacing={6} miw={620}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{say('host')}</Table.Th>
                <Table.Th scope="col">{say('began')}</Table.Th>
                <Table.Th scope="col">{say('heard')}</Table.Th>
                <Table.Th scope="col" ta="right">
                  {say('jobs')}
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  {say('cpu')}
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  {say('memory')}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {processesOf(state).map((process) => (
                <Table.Tr key={process.id}>
                  <Table.Th scope="row" fw={500}>
                    <Group gap={8}>
                      {process.host}
                      <Text span size="xs" className="sl-quiet">
                        {process.pid}
                      </Text>
                      {process.is_dispatcher && <Mark tone="accent">{say('dispatcher')}</Mark>}
                    </Group>
                  </Table.Th>
                  <Table.Td title={moment(process.started_at, language)}>{ago(process.started_at, language)}</Table.Td>
                  <Table.Td title={moment(process.seen_at, language)}>{ago(process.seen_at, language)}</Table.Td>
                  <Table.Td ta="right">{number(process.sample.jobs?.running ?? 0, language, 0)}</Table.Td>
                  <Table.Td ta="right">{number(process.sample.own_cpu_percent, language, 0)} %</Table.Td>
                  <Table.Td ta="right">{bytes(process.sample.own_memory_bytes, language)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  )
}
