import { Button, CloseButton, Popover } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import classes from './bar.module.css'
import { cleared, type Filter, partsOf, without } from './filter'
import { labelOf } from './labels'
import { useShown } from './shown'

const FilterForm = lazy(() => import('./FilterForm').then((module) => ({ default: module.FilterForm })))

interface BarOf {
  filter: Filter
  workspaceId: string | null
  onFilter: (filter: Filter) => void
}

/** What the library is narrowed to, each part with a cross to take it off. */
export function FilterBar({ filter, workspaceId, onFilter }: BarOf) {
  const { say, language } = useShown()
  const [isOpen, setOpen] = useState(false)
  const parts = partsOf(filter)
  return (
    <>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus width={380}>
        <Popover.Target>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconFilter size={15} aria-hidden />}
            onClick={() => setOpen((open) => !open)}
          >
            {say('filters')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown className={classes.form}>
          <Suspense>
            <FilterForm filter={filter} workspaceId={workspaceId} onFilter={onFilter} />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      {parts.map((part) => {
        const label = labelOf(part, filter, say, language)
        return (
          <span key={part} className={classes.chip}>
            <span className={classes.chipText}>{label}</span>
            <CloseButton
              size="sm"
              aria-label={say('takeOff', { text: label })}
              onClick={() => onFilter(without(filter, part))}
            />
          </span>
        )
      })}
      {parts.length > 1 && (
        <Button variant="subtle" size="compact-sm" onClick={() => onFilter(cleared(filter))}>
          {say('clearAll')}
        </Button>
      )}
    </>
  )
}
