import { Button, CloseButton } from '@mantine/core'
import { IconPlayerPlay, IconTagMinus, IconTagPlus, IconTrash } from '@tabler/icons-react'
import { number } from '@/ui/format'
import classes from './bar.module.css'
import { MOST_CHOSEN } from './selection'
import { useShown } from './shown'

export type Doing = 'analyse' | 'addTags' | 'removeTags' | 'remove'

interface ChosenOf {
  count: number
  total: number
  mayEdit: boolean
  onAll: () => void
  onNone: () => void
  onDo: (what: Doing) => void
}

const ACTIONS = [
  ['analyse', IconPlayerPlay],
  ['addTags', IconTagPlus],
  ['removeTags', IconTagMinus],
  ['remove', IconTrash],
] as const

/** What can be done with all that are chosen. */
export function SelectionBar({ count, total, mayEdit, onAll, onNone, onDo }: ChosenOf) {
  const { say, language } = useShown()
  const most = Math.min(total, MOST_CHOSEN)
  return (
    <section className={classes.chosen} aria-label={say('selected', { count })}>
      <CloseButton size="sm" aria-label={say('clear')} onClick={onNone} />
      <span className={classes.chosenCount} role="status">
        {say('selected', { count })}
      </span>
      {mayEdit &&
        ACTIONS.map(([what, Icon]) => (
          <Button
            key={what}
            size="compact-sm"
            variant="subtle"
            color={what === 'remove' ? 'red' : undefined}
            leftSection={<Icon size={15} aria-hidden />}
            onClick={() => onDo(what)}
          >
            {say(what)}
          </Button>
        ))}
      {count < most && (
        <Button size="compact-sm" variant="subtle" color="gray" ml="auto" onClick={onAll}>
          {say('selectAll', { n: number(most, language) })}
        </Button>
      )}
      {count >= MOST_CHOSEN && total > MOST_CHOSEN && <span>{say('mostSelected', { count: MOST_CHOSEN })}</span>}
    </section>
  )
}
