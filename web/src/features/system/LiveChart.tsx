import { Skeleton, Table, Text, VisuallyHidden } from '@mantine/core'
import { type CSSProperties, lazy, Suspense, useMemo, useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { lasting, number } from '@/ui/format'
import classes from './LiveChart.module.css'
import { minutesOf, type Sample, spread, within } from './samples'
import { drawnOf, type Line } from './series'
import { TEXT } from './text'

const Chart = lazy(() => import('./Chart'))

interface Props {
  title: string
  /** What the broken line is. */
  about?: string
  samples: readonly Sample[]
  lines: readonly Line[]
  /** Seconds shown. */
  span: number
  unit: string
  most?: number
  limit?: number | null
  isTable: boolean
}

/** A chart of the machine that goes on as samples come, or the same as a table by minutes. */
export function LiveChart({ title, about, samples, lines, span, unit, most = 100, limit = null, isTable }: Props) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [row, setRow] = useState<number | null>(null)
  const drawn = useMemo(
    () => drawnOf(samples, lines, { span, most, unit, limit }),
    [samples, lines, span, most, unit, limit],
  )
  const at = (values: readonly (number | null)[]) => values[row ?? values.length - 1] ?? null
  const shown = (value: number | null) => (value === null ? '–' : `${number(value, language, 0)} ${unit}`)
  const summary = drawn.lines.map((line) => {
    const all = spread(line.values)
    return all
      ? say('summary', {
          label: line.label,
          now: shown(line.values.at(-1) ?? null),
          mean: shown(all.mean),
          most: shown(all.most),
        })
      : ''
  })
  return (
    <Card title={title} about={about}>
      {isTable ? (
        <Minutes samples={within(samples, span)} lines={lines} title={title} unit={unit} />
      ) : drawn.times.length < 2 ? (
        <Text className={`${classes.empty} sl-quiet`} size="sm">
          {say('noSamples')}
        </Text>
      ) : (
        <figure className={classes.figure}>
          <VisuallyHidden component="figcaption">
            {say('chartOf', { title, span: lasting(span, language) })} {summary.join(' ')}
            {limit !== null && ` ${say('limitAt', { limit: shown(limit) })}`}
          </VisuallyHidden>
          <Suspense fallback={<Skeleton height={168} />}>
            <Chart drawn={drawn} language={language} onPoint={setRow} />
          </Suspense>
          <ul className={classes.legend} aria-hidden>
            {drawn.lines.map((line) => (
              <li key={line.label} className={classes.entry}>
                <span
                  className={classes.swatch}
                  data-dashed={line.dash ? '' : undefined}
                  style={{ '--line': `var(${line.color})` } as CSSProperties}
                />
                {line.label}
                <span className={classes.value}>{shown(at(line.values))}</span>
              </li>
            ))}
          </ul>
        </figure>
      )}
    </Card>
  )
}

function Minutes(props: { samples: readonly Sample[]; lines: readonly Line[]; title: string; unit: string }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const rows = minutesOf(
    props.samples,
    props.lines.map((line) => line.pick),
  )
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  if (rows.length === 0) return <Text size="sm">{say('noSamples')}</Text>
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of nothing that is filled in
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className={classes.table} role="group" tabIndex={0} aria-label={props.title}>
      <Table stickyHeader verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{say('minute')}</Table.Th>
            {props.lines.map((line) => (
              <Table.Th key={line.label} scope="col" ta="right">
                {line.label} ({props.unit})
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.at}>
              <Table.Th scope="row" fw={400}>
                {clock.format(row.at * 1000)}
              </Table.Th>
              {row.spreads.map((found, column) => (
                <Table.Td key={props.lines[column]?.label} ta="right">
                  {found ? say('meanMost', rounded(found.mean, found.most, language)) : '–'}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function rounded(mean: number, most: number, language: 'en' | 'ko') {
  return { mean: number(mean, language, 0), most: number(most, language, 0) }
}
