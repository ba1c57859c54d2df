import type { CSSProperties, ReactNode } from 'react'
import { tone } from './storage'
import classes from './Tile.module.css'

interface Shown {
  label: string
  value: ReactNode
  detail?: ReactNode
  /** 0 to 100. */
  level?: number | null
  /** Where the level should stay below, 0 to 100. */
  limit?: number | null
}

/** One number that matters, with the level it stands at. */
export function Tile({ label, value, detail, level = null, limit = null }: Shown) {
  const how = limit === null ? 'pass' : tone(level, limit)
  return (
    <div className={`sl-card ${classes.tile}`}>
      <div className={classes.label}>{label}</div>
      <div className={classes.value} data-tone={how}>
        {value}
      </div>
      <div className={classes.detail}>{detail}</div>
      {level !== null && <Level level={level} limit={limit} />}
    </div>
  )
}

/** Said in numbers beside it: for the eye only. */
export function Level({ level, limit = null }: { level: number; limit?: number | null }) {
  return (
    <div className={classes.level} aria-hidden>
      <div
        className={classes.fill}
        data-tone={limit === null ? 'pass' : tone(level, limit)}
        style={{ width: `${Math.min(100, Math.max(0, level))}%` } as CSSProperties}
      />
      {limit !== null && limit < 100 && <div className={classes.limit} style={{ insetInlineStart: `${limit}%` }} />}
    </div>
  )
}
