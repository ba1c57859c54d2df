import { Group, Text, useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useMemo, useRef } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { lasting, number } from '@/ui/format'
import classes from './Cores.module.css'
import { LiveChart } from './LiveChart'
import { coreSteps, type Sample, within } from './samples'
import type { Line } from './series'
import { TEXT } from './text'

const STEP_PX = 4
/** All strips together, one at most, one at least. */
const ROOM_PX = 180
const MOST_PX = 56
const LEAST_PX = 7
/** With more they may not all be seen at the same time: the keyboard has to reach what scrolls. */
const MANY = 16

/** Every core as a strip over time: the fuller the colour, the busier. Reads as well for 2 cores as for 128. */
export function Cores({ samples, span, isTable }: { samples: readonly Sample[]; span: number; isTable: boolean }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const { ref, width } = useElementSize<HTMLDivElement>()
  const percents = samples.at(-1)?.core_percents ?? []
  const steps = useMemo(
    () => coreSteps(within(samples, span), span, Math.max(1, Math.floor(width / STEP_PX))),
    [samples, span, width],
  )
  const count = percents.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  const lines = useMemo<Line[]>(
    () =>
      Array.from({ length: count }, (_, core) => ({
        label: say('core', { n: core + 1 }),
        pick: (sample: Sample) => sample.core_percents[core],
        color: '--series-1',
      })),
    [count, language],
  )
  if (isTable) return <LiveChart title={say('cores')} samples={samples} lines={lines} span={span} unit="%" isTable />
  const height = Math.min(MOST_PX, Math.max(LEAST_PX, Math.floor(ROOM_PX / Math.max(1, count)) - 4))
  return (
    <Card
      title={say('cores')}
      actions={
        <Group gap={6} aria-hidden>
          <Text size="xs" className="sl-quiet">
            0
          </Text>
          <div className={classes.scale} />
          <Text size="xs" className="sl-quiet">
            100 %
          </Text>
        </Group>
      }
    >
      {count === 0 ? (
        <Text size="sm" className="sl-quiet">
          {say('noSamples')}
        </Text>
      ) : (
        <div className={classes.tight} tabIndex={count > MANY ? 0 : undefined}>
          <div className={classes.rows}>
            {percents.map((percent, core) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a core is its number
              <Strip key={core} name={say('core', { n: core + 1 })} percent={percent} height={height}>
                {steps[core] ?? []}
              </Strip>
            ))}
            <div ref={ref} className={classes.ends} aria-hidden>
              <span>{say('before', { span: lasting(span, language) })}</span>
              <span>{say('now')}</span>
            </div>
          </div>
        </div>
      )}
    </Card>
  )
}

function Strip(props: { name: string; percent: number; height: number; children: (number | null)[] }) {
  const language = useLanguage()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useComputedColorScheme('light')
  const steps = props.children
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has another colour
  useEffect(() => {
    const on = canvas.current
    const context = on?.getContext('2d')
    if (!on || !context) return
    on.width = Math.max(1, steps.length)
    on.height = 1
    context.fillStyle = getComputedStyle(on).getPropertyValue('--series-1').trim()
    steps.forEach((percent, step) => {
      if (percent === null) return
      context.globalAlpha = 0.06 + 0.94 * (percent / 100)
      context.fillRect(step, 0, 1, 1)
    })
  }, [steps, scheme])
  return (
    <>
      <span>{props.name}</span>
      <canvas
        ref={canvas}
        className={classes.canvas}
        style={{ height: props.height, imageRendering: 'pixelated' }}
        aria-hidden
      />
      <span className={classes.value}>{number(props.percent, language, 0)} %</span>
    </>
  )
}
