import { Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CSSProperties } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { bytes, number, percent } from '@/ui/format'
import { stored } from './queries'
import { SettingsLink } from './SettingsLink'
import classes from './Storage.module.css'
import { ELSE, FREE, sharesOf } from './storage'
import { STORAGE } from './textStorage'

const KNOWN = ['media', 'previews', 'bundles', 'measurements', 'cache', 'work', 'models', 'database'] as const
const RULES = ['videos', 'analyses', 'interviews', 'interview_media', 'jobs', 'audit', 'log'] as const
type Known = (typeof KNOWN)[number]
const isRule = (name: string): name is (typeof RULES)[number] => RULES.some((rule) => rule === name)
const isKnown = (name: string): name is Known => KNOWN.some((known) => known === name)

/** The colour of a kind: always the same, whatever its place. */
function colour(name: string): CSSProperties {
  const place = (KNOWN as readonly string[]).indexOf(name)
  const tint = name === FREE ? 'var(--sl-line)' : name === ELSE ? 'var(--sl-none)' : `var(--kind-${place + 1})`
  return { '--part': tint } as CSSProperties
}

/** What lies where, and for how long. */
export function Storage() {
  const say = useText(STORAGE)
  const language = useLanguage()
  const { data, error, refetch } = useQuery(stored)
  if (error) return <ErrorNote error={error} again={() => void refetch()} />
  if (!data) return <Skeleton height={320} />
  const shares = sharesOf(data.items, data.disk)
  const name = (of: string) => (isKnown(of) || of === ELSE || of === FREE ? say(of) : of)
  const shareOf = (of: string) => shares.find((share) => share.name === of)
  return (
    <Stack gap="sm">
      <Card
        title={say('storage')}
        about={say('room', {
          free: bytes(data.disk.free_bytes, language),
          whole: bytes(data.disk.total_bytes, language),
        })}
      >
        <div className={classes.bar} aria-hidden>
          {shares.map((part) => (
            <div
              key={part.name}
              className={classes.part}
              style={{ ...colour(part.name), flexGrow: Math.max(part.share, 0.001) }}
              title={`${name(part.name)}: ${bytes(part.bytes, language)}`}
            />
          ))}
        </div>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{say('kind')}</Table.Th>
              <Table.Th scope="col" ta="right">
                {say('size')}
              </Table.Th>
              <Table.Th scope="col" ta="right">
                {say('files')}
              </Table.Th>
              <Table.Th scope="col" ta="right">
                {say('share')}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...data.items, ...rest(shares)].map((item) => (
              <Table.Tr key={item.name}>
                <Table.Th scope="row" fw={500}>
                  <span className={classes.key} style={colour(item.name)} aria-hidden />
                  {name(item.name)}
                  {isKnown(item.name) && (
                    <Text size="xs" className="sl-quiet" pl={20}>
                      {say(`${item.name}About`)}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td ta="right" className={classes.amount}>
                  {item.bytes === null ? say('elsewhere') : bytes(item.bytes, language)}
                </Table.Td>
                <Table.Td ta="right" className={classes.amount}>
                  {number(item.files, language, 0)}
                </Table.Td>
                <Table.Td ta="right" className={classes.amount}>
                  {percent(shareOf(item.name)?.share, language, 1)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      <Card
        title={say('retention')}
        about={
          <>
            {say('retentionAbout')} <SettingsLink section="installation">{say('toSettings')}</SettingsLink>
          </>
        }
      >
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{say('what')}</Table.Th>
              <Table.Th scope="col" ta="right">
                {say('kept')}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.retention.map((rule) => (
              <Table.Tr key={rule.name}>
                <Table.Th scope="row" fw={400}>
                  <Text size="sm" fw={500}>
                    {isRule(rule.name) ? say(`keep_${rule.name}`) : rule.name}
                  </Text>
                  <Text size="xs" className="sl-quiet">
                    {told(rule.meaning, language)}
                  </Text>
                </Table.Th>
                <Table.Td ta="right" className={classes.amount}>
                  {rule.days ? say('days', { count: rule.days }) : say('forEver')}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
    </Stack>
  )
}

/** What is on the disk besides ours. */
function rest(shares: ReturnType<typeof sharesOf>) {
  return shares
    .filter((share) => share.name === ELSE || share.name === FREE)
    .map((share) => ({ ...share, files: null }))
}
