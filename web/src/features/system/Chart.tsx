import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Language } from '@/state/language'
import classes from './Chart.module.css'
import type { Drawn } from './series'

const HEIGHT_PX = 168
const FONT = '11px system-ui, sans-serif'

interface Props {
  drawn: Drawn
  language: Language
  /** Which row the pointer is at; null: at none. */
  onPoint?: (row: number | null) => void
}

/** Lines over time. Drawn on a canvas: whoever shows it says in words beside it what there is to see. */
export default function Chart({ drawn, language, onPoint }: Props) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef({ drawn, onPoint })
  latest.current = { drawn, onPoint }
  const scheme = useComputedColorScheme('light')
  const lines = drawn.lines.map((line) => `${line.color}${line.label}${line.dash}`).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines, colours or words need another plot; new values do not
  useEffect(() => {
    const box = holder.current
    if (!box) return
    const made = new uPlot(optionsOf(latest, box, language), dataOf(latest.current.drawn), box)
    plot.current = made
    const watcher = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT_PX }))
    watcher.observe(box)
    return () => {
      watcher.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [scheme, language, lines])

  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(dataOf(drawn), false)
      plot.current?.setScale('x', { min: drawn.from, max: drawn.to })
    })
  }, [drawn])

  return <div ref={holder} className={classes.chart} style={{ height: HEIGHT_PX }} aria-hidden />
}

function dataOf(drawn: Drawn): uPlot.AlignedData {
  return [drawn.times as number[], ...drawn.lines.map((line) => line.values as (number | null)[])]
}

function optionsOf(
  latest: { readonly current: { drawn: Drawn; onPoint?: (row: number | null) => void } },
  box: HTMLElement,
  language: Language,
): uPlot.Options {
  const style = getComputedStyle(box)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const [quiet, line, fail] = [color('--sl-quiet'), color('--sl-line'), color('--sl-fail')]
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const axis = { stroke: quiet, font: FONT, ticks: { show: false }, gap: 4 }
  const { drawn } = latest.current
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'system' }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [latest.current.drawn.from, latest.current.drawn.to] },
      y: { range: () => [0, latest.current.drawn.most] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 24,
        values: (_, times) => times.map((time) => clock.format(time * 1000)),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 38,
        space: 34,
        values: (_, values) => values.map((value) => `${value}${drawn.unit}`),
      },
    ],
    series: [
      {},
      ...drawn.lines.map((each) => ({
        label: each.label,
        stroke: color(each.color),
        width: each.isThin ? 1 : 1.75,
        dash: each.dash ? [...each.dash] : undefined,
        fill: each.isFilled ? `${color(each.color)}24` : undefined,
        points: { show: false },
      })),
    ],
    hooks: {
      draw: [(plot) => drawLimit(plot, latest.current.drawn, fail)],
      setCursor: [(plot) => latest.current.onPoint?.(plot.cursor.idx ?? null)],
    },
  }
}

/** The limit as a broken line across, with its value at the right. */
function drawLimit(plot: uPlot, drawn: Drawn, color: string): void {
  if (drawn.limit === null) return
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(drawn.limit, 'y', true)) + 0.5
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = color
  ctx.lineWidth = uPlot.pxRatio
  ctx.setLineDash([5 * uPlot.pxRatio, 4 * uPlot.pxRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`
  ctx.textAlign = 'right'
  const isHigh = y - bbox.top < 16 * uPlot.pxRatio
  ctx.textBaseline = isHigh ? 'top' : 'bottom'
  ctx.fillText(
    `${drawn.limit}${drawn.unit}`,
    bbox.left + bbox.width - 4 * uPlot.pxRatio,
    y + (isHigh ? 3 : -2) * uPlot.pxRatio,
  )
  ctx.restore()
}
