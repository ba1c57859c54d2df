import { Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconHandStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { lasting } from '@/ui/format'
import { Alerts } from './Alerts'
import { Charts } from './Charts'
import classes from './Overview.module.css'
import { Processes } from './Processes'
import { Queue } from './Queue'
import { limitOf, limits, system, useSamples } from './queries'
import { Tiles } from './Tiles'
import { TEXT } from './text'

/** How far the charts look back. */
const SPANS = [300, 900, 3600] as const

export function Overview() {
  const say = useText(TEXT)
  const language = useLanguage()
  const { samples, error: noSamples } = useSamples()
  const state = useQuery(system)
  const { data: settings } = useQuery(limits)
  const [span, setSpan] = useLocalStorage<number>({ key: 'sightline.system.span', defaultValue: 900 })
  const [isTable, setIsTable] = useLocalStorage<boolean>({ key: 'sightline.system.table', defaultValue: false })
  const kept = {
    cpu: limitOf(settings?.items, 'max_cpu_percent', 80),
    memory: limitOf(settings?.items, 'max_memory_percent', 85),
    disk_gib: limitOf(settings?.items, 'min_free_disk_gb', 2),
  }
  const error = state.error ?? noSamples
  return (
    <Stack gap="sm">
      {error ? <ErrorNote error={error} again={() => void state.refetch()} /> : null}
      {state.data && state.data.holds.length > 0 && (
        <section className={`${classes.alert} ${classes.held}`} aria-label={say('held')}>
          <IconHandStop size={18} aria-hidden />
          <div className={classes.text}>
            <Text fw={600} size="sm">
              {say('held')}
            </Text>
            {state.data.holds.map((hold) => (
              <Text key={told(hold, 'en')} size="sm">
                {told(hold, language)}
              </Text>
            ))}
          </div>
        </section>
      )}
      <Tiles sample={samples.at(-1)} state={state.data} limits={kept} />
      <Group justify="end" gap="md">
        <Switch
          size="sm"
          label={say('asTable')}
          checked={isTable}
          onChange={(event) => setIsTable(event.currentTarget.checked)}
        />
        <SegmentedControl
          size="xs"
          aria-label={say('span')}
          value={String(span)}
          onChange={(to) => setSpan(Number(to))}
          data={SPANS.map((each) => ({ value: String(each), label: lasting(each, language) }))}
        />
      </Group>
      <Charts samples={samples} span={span} isTable={isTable} limits={kept} />
      <div className={classes.two}>
        <Queue state={state.data} />
        <Alerts />
      </div>
      <Processes state={state.data} />
    </Stack>
  )
}
