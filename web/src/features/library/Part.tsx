import type { ComponentProps } from 'react'

/** A part of the list by its role. The list is a grid to those who hear it, and boxes to those who see it. */
export function Part({
  role,
  ...rest
}: ComponentProps<'div'> & { role: 'grid' | 'row' | 'gridcell' | 'columnheader' | 'presentation' | 'group' }) {
  return <div role={role} {...rest} />
}
