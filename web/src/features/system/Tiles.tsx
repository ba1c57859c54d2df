import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { bytes, lasting, number, percent } from '@/ui/format'
import { folder, type Limits } from './Charts'
import type { System } from './queries'
import { fileSystems, percentOf, type Sample } from './samples'
import { diskLimit } from './series'
import { Tile } from './Tile'
import classes from './Tile.module.css'
import { TEXT } from './text'

interface Props {
  sample: Sample | undefined
  state: System | undefined
  limits: Limits
}

/** What one looks at first. */
export function Tiles({ sample, state, limits }: Props) {
  const say = useText(TEXT)
  const language = useLanguage()
  const whole = (value: number | null | undefined) => number(value, language, 0)
  const jobs: Readonly<Partial<Record<string, number>>> = state?.queue?.jobs ?? {}
  const cache = (state?.cache ?? {}) as Partial<Record<'hits_memory' | 'hits_redis' | 'misses' | 'bytes', number>>
  const hits = (cache.hits_memory ?? 0) + (cache.hits_redis ?? 0)
  const rate = (state?.cache.hit_rate ?? null) as number | null
  const speed = state?.throughput
  return (
    <section className={classes.tiles} aria-label={say('atAGlance')}>
      <Tile
        label={say('cpu')}
        value={<Unit unit="%">{whole(sample?.cpu_percent)}</Unit>}
        detail={
          sample && say('cpuOf', { ours: whole(sample.own_cpu_percent), others: whole(sample.others_cpu_percent) })
        }
        level={sample?.cpu_percent}
        limit={limits.cpu}
      />
      <Tile
        label={say('memory')}
        value={<Unit unit="%">{whole(sample?.memory_percent)}</Unit>}
        detail={
          sample &&
          say('partOf', {
            part: bytes(sample.memory_used_bytes, language),
            whole: bytes(sample.memory_total_bytes, language),
          })
        }
        level={sample?.memory_percent}
        limit={limits.memory}
      />
      {fileSystems(sample?.disks ?? []).map((disk) => (
        <Tile
          key={disk.names.join()}
          label={say('diskFree')}
          value={
            <Unit unit={say('free')} isWord>
              {bytes(disk.free_bytes, language)}
            </Unit>
          }
          detail={say('ofWhole', {
            whole: bytes(disk.total_bytes, language),
            names: disk.names.map((name) => folder(name, say)).join(', '),
          })}
          level={percentOf(disk.total_bytes - disk.free_bytes, disk.total_bytes)}
          limit={diskLimit(disk.total_bytes, limits.disk_gib)}
        />
      ))}
      <Tile
        label={say('jobs')}
        value={
          <Unit unit={say('runningNow')} isWord>
            {whole(jobs.running)}
          </Unit>
        }
        detail={say('jobsMore', { queued: whole(jobs.queued), failed: whole(jobs.failed ?? 0) })}
      />
      <Tile
        label={say('throughput')}
        value={
          speed?.jobs_per_hour == null ? (
            '–'
          ) : (
            <Unit unit={say('jobsPerHour')} isWord>
              {number(speed.jobs_per_hour, language, 1)}
            </Unit>
          )
        }
        detail={
          speed?.media_s_per_s == null
            ? say('noThroughput', { span: lasting(speed?.window_s ?? 3600, language) })
            : say('mediaSpeed', { speed: number(speed.media_s_per_s, language, 1) })
        }
      />
      <Tile
        label={say('cacheHits')}
        value={rate === null ? '–' : percent(rate, language)}
        detail={
          rate === null
            ? say('noCache')
            : say('cacheOf', {
                hits: whole(hits),
                misses: whole(cache.misses),
                size: bytes(cache.bytes ?? 0, language),
              })
        }
        level={rate === null ? null : rate * 100}
      />
    </section>
  )
}

function Unit({ children, unit, isWord }: { children: string; unit: string; isWord?: boolean }) {
  return (
    <>
      {children}
      <small>{isWord ? ` ${unit}` : unit}</small>
    </>
  )
}
