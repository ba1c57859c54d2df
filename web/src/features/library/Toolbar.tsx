import { ActionIcon, CloseButton, Select, TextInput, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconLayoutGrid, IconList, IconSearch, IconSortAscending, IconSortDescending } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import classes from './bar.module.css'
import { type Filter, ORDERS, type Order, type View } from './filter'
import { SavedSearches } from './SavedSearches'
import { useShown } from './shown'

const TYPING_MS = 250

interface ToolsOf {
  filter: Filter
  view: View
  workspaceId: string | null
  onFilter: (filter: Filter, isTyping?: boolean) => void
  onView: (view: View) => void
}

/** Search, saved searches, order, and how the videos are laid out. */
export function Toolbar({ filter, view, workspaceId, onFilter, onView }: ToolsOf) {
  const { say } = useShown()
  const Sorted = filter.isAscending ? IconSortAscending : IconSortDescending
  const turn = say(filter.isAscending ? 'ascending' : 'descending')
  const other = view === 'grid' ? 'list' : 'grid'
  return (
    <div className={classes.tools}>
      <Search filter={filter} onFilter={onFilter} />
      <div className={classes.end}>
        <SavedSearches filter={filter} workspaceId={workspaceId} onFilter={onFilter} />
        <Select
          size="sm"
          w={150}
          aria-label={say('sort')}
          data={ORDERS.map((order) => ({ value: order, label: say(order) }))}
          value={filter.order}
          onChange={(order) => order && onFilter({ ...filter, order: order as Order })}
          allowDeselect={false}
        />
        <Tooltip label={turn}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={`${say('sort')}: ${turn}`}
            onClick={() => onFilter({ ...filter, isAscending: !filter.isAscending })}
          >
            <Sorted size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={say(other === 'grid' ? 'asGrid' : 'asList')}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={`${say('view')}: ${say(other === 'grid' ? 'asGrid' : 'asList')}`}
            onClick={() => onView(other)}
          >
            {other === 'grid' ? <IconLayoutGrid size={18} stroke={1.7} /> : <IconList size={18} stroke={1.7} />}
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  )
}

/** What is typed is searched for when the typing rests. */
function Search({ filter, onFilter }: Pick<ToolsOf, 'filter' | 'onFilter'>) {
  const { say } = useShown()
  const [typed, setTyped] = useState(filter.q)
  const field = useRef<HTMLInputElement>(null)
  const latest = useRef({ filter, onFilter })
  latest.current = { filter, onFilter }
  // From elsewhere: a saved search, a chip that was taken off, the way back.
  useEffect(() => setTyped((mine) => (mine.trim() === filter.q.trim() ? mine : filter.q)), [filter.q])
  useEffect(() => {
    if (typed.trim() === latest.current.filter.q.trim()) return
    const timer = setTimeout(() => {
      const { filter: now, onFilter: tell } = latest.current
      if (typed.trim() !== now.q.trim()) tell({ ...now, q: typed.trim() }, true)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  useHotkeys([['/', () => field.current?.focus()]])
  return (
    <TextInput
      ref={field}
      type="search"
      size="sm"
      className={classes.search}
      aria-label={say('search')}
      placeholder={say('search')}
      maxLength={200}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        typed && (
          <CloseButton
            size="sm"
            aria-label={say('clearSearch')}
            onClick={() => {
              setTyped('')
              field.current?.focus()
            }}
          />
        )
      }
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  )
}
