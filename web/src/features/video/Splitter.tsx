import { useRef } from 'react'
import classes from './Viewer.module.css'

interface Props {
  label: string
  /** Which way the line lies: `vertical` stands between left and right. */
  orientation: 'vertical' | 'horizontal'
  /** Share of what is before it, 0 to 1. */
  value: number
  onChange: (value: number) => void
  least?: number
  most?: number
}

/** A line between two parts of the page that can be dragged, or moved with the arrow keys. */
export function Splitter({ label, orientation, value, onChange, least = 0.2, most = 0.8 }: Props) {
  const line = useRef<HTMLDivElement>(null)
  const kept = (share: number) => Math.min(most, Math.max(least, share))
  const dragged = (event: React.PointerEvent) => {
    const box = line.current?.parentElement?.getBoundingClientRect()
    if (!box || !line.current?.hasPointerCapture(event.pointerId)) return
    const share =
      orientation === 'vertical' ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height
    onChange(kept(share))
  }
  const keyed = (event: React.KeyboardEvent) => {
    const [back, on] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    const to = { [back as string]: value - 0.03, [on as string]: value + 0.03, Home: least, End: most }[event.key]
    if (to === undefined) return
    event.preventDefault()
    onChange(kept(to))
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that is moved is no <hr>
    <div
      ref={line}
      className={classes.splitter}
      data-orientation={orientation}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuemin={Math.round(least * 100)}
      aria-valuemax={Math.round(most * 100)}
      aria-valuenow={Math.round(value * 100)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={dragged}
      onKeyDown={keyed}
    />
  )
}
