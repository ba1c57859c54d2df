import { CloseButton, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import type { Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { useShown } from '../shown'
import classes from './Interview.module.css'
import { MetricRow } from './MetricRow'
import { byGroup, byReason } from './metrics'
import { PartSelect } from './PartSelect'
import { TEXT } from './text'

/** Every number with where it lies in its range; those that could not be measured with why. */
export function MetricsTab({ judgement, first }: { judgement: Judgement; first: string | null }) {
  const say = useText(TEXT)
  const { word, language } = useShown()
  const [part, setPart] = useState<string | null>(null)
  const [search, setSearch] = useState('')
  const title = (id: string) => word(`metric.${id}.title`, id.replaceAll('_', ' '))
  const wanted = search.trim().toLocaleLowerCase()
  const fitting = (judgement.metrics ?? []).filter(
    (metric) =>
      metric.part === part && (!wanted || `${title(metric.id)} ${metric.id}`.toLocaleLowerCase().includes(wanted)),
  )
  const measured = byGroup(fitting.filter((metric) => metric.value !== null))
  const unmeasured = fitting.filter((metric) => metric.value === null)
  return (
    <Stack gap="sm">
      <PartSelect judgement={judgement} part={part} onChange={setPart} />
      <TextInput
        size="xs"
        aria-label={say('searchMetrics')}
        placeholder={say('searchMetrics')}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={search ? <CloseButton size="xs" aria-label={say('clear')} onClick={() => setSearch('')} /> : null}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {measured.map(([group, metrics]) => (
        <section key={group}>
          <h3 className={classes.groupHead}>{word(`group.${group}`, group)}</h3>
          <ul className={`sl-card ${classes.metrics}`}>
            {metrics.map((metric) => (
              <MetricRow key={metric.id} metric={metric} isFirst={metric.id === first} />
            ))}
          </ul>
        </section>
      ))}
      {unmeasured.length > 0 && (
        <details open={unmeasured.some((metric) => metric.id === first) || measured.length === 0}>
          <summary className={classes.groupHead}>{say('unmeasured', { count: unmeasured.length })}</summary>
          <ul className={`sl-card ${classes.claims}`}>
            {byReason(unmeasured, language).map(([reason, metrics]) => (
              <li key={reason}>
                <div>{metrics.map((metric) => title(metric.id)).join(', ')}</div>
                <div className={classes.reason}>{reason}</div>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Text size="xs" className="sl-quiet">
        {fitting.length ? say('rangeHint') : say('noMetric')}
      </Text>
    </Stack>
  )
}
