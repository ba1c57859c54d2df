import { Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { number } from '@/ui/format'
import overview from './Overview.module.css'
import { system } from './queries'
import { TEXT } from './text'
import classes from './Versions.module.css'

const PARTS = ['meters', 'detectors', 'templates', 'rubrics', 'formats'] as const
/** Detectors that tell of several kinds, none of them called as they are. */
const SEVERAL = ['brow', 'posture', 'shots'] as const
const isOwn = (id: string): id is (typeof SEVERAL)[number] => SEVERAL.some((one) => one === id)
/** Programs as they call themselves. */
const PROGRAMS: Readonly<Record<string, string>> = {
  python: 'Python',
  ffmpeg: 'FFmpeg',
  pyav: 'PyAV',
  numpy: 'NumPy',
  opencv: 'OpenCV',
  onnxruntime: 'ONNX Runtime',
  litert: 'LiteRT',
  faster_whisper: 'faster-whisper',
  ctranslate2: 'CTranslate2',
  sqlite: 'SQLite',
  postgresql: 'PostgreSQL',
  mariadb: 'MariaDB',
}
const COUNTS = ['users', 'workspaces', 'videos', 'analyses', 'sessions'] as const

/** What runs here: versions, and every part that measures, finds, judges and reports. */
export function Versions() {
  const say = useText(TEXT)
  const word = useWords()
  const language = useLanguage()
  const { data, error, refetch } = useQuery(system)
  if (error && !data) return <ErrorNote error={error} again={() => void refetch()} />
  if (!data) return <Skeleton height={240} />
  const { sightline, ...others } = data.versions ?? {}
  const name = (part: string, id: string) =>
    part === 'meters'
      ? word(`meter.${id}`, id)
      : part === 'detectors'
        ? isOwn(id)
          ? say(id)
          : word(`kind.${id}`, id)
        : id
  return (
    <Stack gap="sm">
      <div className={overview.two}>
        <Card title={say('versions')}>
          <dl className={overview.facts}>
            <Fact label="Sightline">{sightline ?? data.version}</Fact>
            {Object.entries(others).map(([program, version]) => (
              <Fact key={program} label={PROGRAMS[program] ?? program}>
                {version ?? '–'}
              </Fact>
            ))}
            <Fact label={say('database')}>{PROGRAMS[data.database] ?? data.database}</Fact>
            <Fact label={say('store')}>{data.store === 's3' ? say('storeS3') : say('storeFolder')}</Fact>
          </dl>
        </Card>
        <Card title={say('holdings')}>
          <dl className={overview.numbers}>
            {COUNTS.map((each) => (
              <div key={each}>
                <dt>{say(each)}</dt>
                <dd>{number(data.counts[each] ?? 0, language, 0)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </div>
      {PARTS.map((part) => {
        const inside = data.parts[part] ?? []
        return (
          <Card
            key={part}
            title={say(part)}
            actions={
              <Text size="sm" className="sl-quiet">
                {number(inside.length, language, 0)}
              </Text>
            }
          >
            <ul className={classes.names}>
              {inside.map((id) => (
                <li key={id} title={id}>
                  {name(part, id)}
                </li>
              ))}
            </ul>
          </Card>
        )
      })}
    </Stack>
  )
}

function Fact({ label, children }: { label: string; children: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  )
}
