import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { number } from '@/ui/format'
import { Cores } from './Cores'
import { LiveChart } from './LiveChart'
import classes from './Overview.module.css'
import { percentOf, type Sample } from './samples'
import { diskLimit, diskNames, diskPick, type Line } from './series'
import { TEXT } from './text'

const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4'] as const
const colour = (number: number) => COLOURS[number % COLOURS.length] as string

export interface Limits {
  readonly cpu: number
  readonly memory: number
  /** To be left free, GiB. */
  readonly disk_gib: number
}

interface Props {
  samples: readonly Sample[]
  span: number
  isTable: boolean
  limits: Limits
}

export function Charts({ samples, span, isTable, limits }: Props) {
  const say = useText(TEXT)
  const language = useLanguage()
  const disks = diskNames(samples)
  const known = disks.map((names) => names.join(' ')).join('|')
  const gpus = samples.at(-1)?.gpus.length ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  const lines = useMemo(() => {
    const cpu: Line[] = [
      { label: say('whole'), pick: (s) => s.cpu_percent, color: '--series-1', isFilled: true },
      { label: say('ours'), pick: (s) => s.own_cpu_percent, color: '--series-2' },
      { label: say('others'), pick: (s) => s.others_cpu_percent, color: '--series-3', dash: [6, 3] },
    ]
    const memory: Line[] = [
      { label: say('whole'), pick: (s) => s.memory_percent, color: '--series-1', isFilled: true },
      { label: say('ours'), pick: (s) => percentOf(s.own_memory_bytes, s.memory_total_bytes), color: '--series-2' },
    ]
    const disk: Line[] = disks.map((names, number) => ({
      label: names.map((name) => folder(name, say)).join(', '),
      pick: diskPick(names[0] ?? ''),
      color: colour(number),
      isFilled: number === 0,
    }))
    return { cpu, memory, disk }
  }, [language, known])
  const fullest = samples.at(-1)?.disks[0]
  const diskMost = fullest ? diskLimit(fullest.total_bytes, limits.disk_gib) : null
  const shared = { samples, span, isTable, unit: '%' }
  return (
    <>
      <div className={classes.two}>
        <LiveChart
          {...shared}
          title={say('cpu')}
          about={say('cpuLimit', { limit: limits.cpu })}
          lines={lines.cpu}
          limit={limits.cpu}
        />
        <Cores samples={samples} span={span} isTable={isTable} />
        <LiveChart
          {...shared}
          title={say('memory')}
          about={say('memoryLimit', { limit: limits.memory })}
          lines={lines.memory}
          limit={limits.memory}
        />
        <LiveChart
          {...shared}
          title={say('disk')}
          about={say('diskLimit', { limit: number(limits.disk_gib, language, 1) })}
          lines={lines.disk}
          limit={diskMost}
        />
        {gpus > 0 && <GpuCharts {...shared} count={gpus} />}
      </div>
      {gpus === 0 && (
        <Card title={say('gpu')}>
          <Text size="sm" className="sl-quiet">
            {samples.length > 0 ? say('noGpu') : say('noSamples')}
          </Text>
        </Card>
      )}
    </>
  )
}

function GpuCharts({ count, ...shared }: Omit<Props, 'limits'> & { count: number; unit: string }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const names = shared.samples.at(-1)?.gpus.map((gpu) => gpu.name) ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  const each = useMemo(
    () =>
      Array.from({ length: count }, (_, n): { load: Line[]; heat: Line[] } => ({
        load: [
          { label: say('load'), pick: (s) => s.gpus[n]?.load_percent, color: '--series-1', isFilled: true },
          {
            label: say('memory'),
            pick: (s) => percentOf(s.gpus[n]?.memory_used_bytes, s.gpus[n]?.memory_total_bytes),
            color: '--series-2',
          },
        ],
        heat: [{ label: say('heat'), pick: (s) => s.gpus[n]?.temperature_c, color: '--series-3' }],
      })),
    [count, language],
  )
  return each.map(({ load, heat }, n) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a processor is its number
    <div key={n} style={{ display: 'contents' }}>
      <LiveChart {...shared} title={say('gpuOf', { n: n + 1, name: names[n] ?? '' })} lines={load} />
      <LiveChart
        {...shared}
        title={say('heatOf', { n: n + 1, name: names[n] ?? '' })}
        lines={heat}
        unit="°C"
        most={100}
      />
    </div>
  ))
}

/** What a watched folder is called. */
export function folder(name: string, say: (key: 'data' | 'work' | 'archive') => string): string {
  return name === 'data' || name === 'work' || name === 'archive' ? say(name) : name
}
