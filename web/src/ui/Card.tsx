import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './Card.module.css'

interface Shown {
  title: string
  /** A sentence under the heading. */
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}

/** A part of a page with a heading of its own. */
export function Card({ title, about, actions, children, className }: Shown) {
  const id = useId()
  return (
    <section className={`sl-card ${classes.card} ${className ?? ''}`} aria-labelledby={id}>
      <Group className={classes.head} justify="space-between" align="start" gap="xs">
        <div className={classes.words}>
          <Title order={2} size="h3" id={id}>
            {title}
          </Title>
          {about && (
            <Text size="sm" className="sl-quiet" mt={2}>
              {about}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </section>
  )
}
