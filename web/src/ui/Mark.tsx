import type { ReactNode } from 'react'
import classes from './StateBadge.module.css'

interface Shown {
  tone?: 'none' | 'accent' | 'pass' | 'warn' | 'fail'
  icon?: ReactNode
  children: ReactNode
}

/** A word or two about what it stands beside: a role, a right, where a value comes from. */
export function Mark({ tone = 'none', icon, children }: Shown) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {icon}
      {children}
    </span>
  )
}
