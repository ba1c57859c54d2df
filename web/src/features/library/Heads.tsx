import { VisuallyHidden } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import classes from './entry.module.css'
import type { Filter, Order } from './filter'
import heads from './list.module.css'
import { Part } from './Part'
import { useShown } from './shown'

/** Names of the columns of the list; those by which it can be sorted are buttons. */
export function Heads({ filter, onSort }: { filter: Filter; onSort: (order: Order) => void }) {
  const { say } = useShown()
  const sorter = (order: Order, className?: string) => {
    const isMine = filter.order === order
    const sort = isMine ? (filter.isAscending ? 'ascending' : 'descending') : 'none'
    const Icon = filter.isAscending ? IconArrowUp : IconArrowDown
    return (
      <Part role="columnheader" aria-sort={sort} className={className}>
        <button type="button" className={heads.sorter} data-mine={isMine || undefined} onClick={() => onSort(order)}>
          {say(order)}
          {isMine && <Icon size={13} aria-hidden />}
        </button>
      </Part>
    )
  }
  return (
    <Part role="row" aria-rowindex={1} className={`${classes.line} ${heads.heads}`}>
      <Head label={say('choosing')} />
      <Head label={say('picture')} />
      {sorter('name')}
      <Head label={say('results')} visible />
      {sorter('duration_s', classes.cellFact)}
      <Head label={say('resolution')} visible className={classes.cellPicture} />
      {sorter('size', classes.cellSize)}
      {sorter('created_at', classes.cellDay)}
      <Head label={say('doing')} />
    </Part>
  )
}

function Head({ label, visible, className }: { label: string; visible?: boolean; className?: string }) {
  return (
    <Part role="columnheader" className={className}>
      {visible ? label : <VisuallyHidden>{label}</VisuallyHidden>}
    </Part>
  )
}
