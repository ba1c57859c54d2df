import { Button, Group, Skeleton, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { ago, lasting, moment } from '@/ui/format'
import classes from './Overview.module.css'
import { alerts } from './queries'
import { TEXT } from './text'

const FEW = 4

/** Limits that are passed now, and those that were. */
export function Alerts() {
  const say = useText(TEXT)
  const { data, error, refetch } = useQuery(alerts)
  const [isAll, setIsAll] = useState(false)
  const open = data?.items.filter((alert) => alert.ended_at === null) ?? []
  const past = data?.items.filter((alert) => alert.ended_at !== null) ?? []
  const shown = isAll ? past : past.slice(0, FEW)
  return (
    <Card title={say('alerts')}>
      {error && <ErrorNote error={error} again={() => void refetch()} />}
      {!data && !error && <Skeleton height={72} />}
      {data && open.length === 0 && (
        <Group gap={8} mb={past.length ? 'sm' : 0} c="var(--sl-pass)">
          <IconCheck size={18} aria-hidden />
          <Text size="sm" c="var(--sl-ink)">
            {say('noAlerts')}
          </Text>
        </Group>
      )}
      {open.length > 0 && (
        <ul className={classes.list}>
          {open.map((alert) => (
            <Row key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
      {past.length > 0 && (
        <>
          <Text size="sm" fw={600} mt={open.length ? 'sm' : 0} mb={6}>
            {say('pastAlerts')}
          </Text>
          <ul className={classes.list}>
            {shown.map((alert) => (
              <Row key={alert.id} alert={alert} />
            ))}
          </ul>
          {past.length > FEW && (
            <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setIsAll(!isAll)} aria-expanded={isAll}>
              {isAll ? say('fewer') : say('all', { count: past.length })}
            </Button>
          )}
        </>
      )}
    </Card>
  )
}

function Row({ alert }: { alert: Schemas['AlertView'] }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const isOpen = alert.ended_at === null
  const Icon = isOpen ? IconAlertTriangle : IconCheck
  const lasted = isOpen ? 0 : (Date.parse(alert.ended_at as string) - Date.parse(alert.began_at)) / 1000
  return (
    <li className={classes.alert} data-open={isOpen ? '' : undefined}>
      <Icon size={18} aria-hidden />
      <div>
        <div className={classes.text}>{told(alert.message, language)}</div>
        <Text size="xs" className="sl-quiet" title={moment(alert.began_at, language)}>
          {isOpen
            ? say('openSince', { host: alert.host, ago: ago(alert.began_at, language) })
            : say('lasted', {
                host: alert.host,
                at: moment(alert.began_at, language),
                span: lasting(lasted, language),
              })}
        </Text>
      </div>
    </li>
  )
}
