import { Button, CloseButton, SegmentedControl, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustments, IconChevronRight, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import { isShare, type Schemas } from '@/api/client'
import type { Check, Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { useMayChange } from '../rights'
import { useShown } from '../shown'
import { checkTitle, kindName } from '../values'
import { CheckItem } from './CheckItem'
import { filtered, type GroupBy, grouped } from './grouping'
import classes from './Qc.module.css'
import { TrialBox } from './TrialBox'
import { TEXT } from './text'
import { useTrial } from './trial'
import { VerdictHead } from './VerdictHead'

/** What asks for nothing is folded away until somebody looks for it. */
const QUIET = new Set(['pass', 'not_applicable'])

/** What quality control concludes: the verdict, every check with what it rests on, waivers, and other limits to try. */
export function QcPanel({ analysis, judgement }: { analysis: Schemas['AnalysisDetail']; judgement: Judgement }) {
  const say = useText(TEXT)
  const shown = useShown()
  const mayChange = useMayChange(analysis.workspace_id)
  const [isTrying, trying] = useDisclosure(false)
  const trial = useTrial(analysis, judgement, isTrying)
  const [states, setStates] = useState<ReadonlySet<string>>(new Set())
  const [search, setSearch] = useState('')
  const [by, setBy] = useState<GroupBy>('state')
  const now = trial.judgement ?? judgement
  const before = useMemo(
    () => new Map(trial.changed.map((changed) => [changed.id, changed.before ?? undefined])),
    [trial.changed],
  )
  const textOf = (check: Check) =>
    [
      check.id,
      checkTitle(check, shown),
      check.source ?? '',
      check.reason?.text[shown.language] ?? '',
      ...new Set(check.events.map((event) => kindName(event.kind, shown))),
    ].join(' ')
  const kept = useMemo(() => new Map(judgement.checks.map((check) => [check.id, check.state])), [judgement])
  const stateOf = (check: Check) => kept.get(check.id) ?? check.state
  const groups = grouped(filtered(now.checks, states, search, textOf, stateOf), by, stateOf)
  const isNarrow = states.size > 0 || search.trim() !== ''
  const toggle = (state: string) => {
    const made = new Set(states)
    if (!made.delete(state)) made.add(state)
    setStates(made)
  }
  return (
    <section className={classes.panel} aria-label={say('verdict')}>
      <VerdictHead
        analysis={analysis}
        judgement={now}
        before={trial.judgement ? judgement : null}
        states={states}
        onToggle={toggle}
      />
      {!isShare() && !isTrying && (
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconAdjustments size={16} aria-hidden />}
          onClick={trying.open}
          style={{ alignSelf: 'start' }}
        >
          {say('tryOther')}
        </Button>
      )}
      {isTrying && (
        <TrialBox
          analysis={analysis}
          trial={trial}
          judgement={judgement}
          mayChange={mayChange}
          onClose={trying.close}
        />
      )}
      <div className={classes.tools}>
        <TextInput
          size="xs"
          aria-label={say('search')}
          placeholder={say('search')}
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            search ? <CloseButton size="xs" aria-label={say('clear')} onClick={() => setSearch('')} /> : null
          }
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label={say('groupBy')}
          value={by}
          onChange={(to) => setBy(to as GroupBy)}
          data={[
            { value: 'state', label: say('byState') },
            { value: 'group', label: say('byGroup') },
          ]}
        />
      </div>
      {groups.map((group) => (
        <Group
          key={`${by} ${group.id}`}
          title={shown.word(by === 'state' ? `state.${group.id}` : `group.${group.id}`, group.id)}
          count={group.checks.length}
          isQuiet={by === 'state' && QUIET.has(group.id) && !isNarrow}
        >
          {group.checks.map((check) => (
            <CheckItem
              key={check.id}
              analysis={analysis}
              check={check}
              before={before.get(check.id)}
              trial={isTrying ? trial : null}
              mayChange={mayChange}
            />
          ))}
        </Group>
      ))}
      {!groups.length && (
        <Text size="sm" className="sl-quiet">
          {say(now.checks.length ? 'nothing' : 'noChecks')}
        </Text>
      )}
    </section>
  )
}

interface Folds {
  title: string
  count: number
  isQuiet: boolean
  children: ReactNode
}

function Group({ title, count, isQuiet, children }: Folds) {
  const [chosen, setOpen] = useState<boolean | null>(null)
  const isOpen = chosen ?? !isQuiet
  return (
    <div>
      <h3 className={classes.groupHead}>
        <button type="button" className={classes.fold} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <IconChevronRight size={14} className={classes.turn} aria-hidden />
          {title} <span>{count}</span>
        </button>
      </h3>
      {isOpen && <ul className={`sl-card ${classes.list}`}>{children}</ul>}
    </div>
  )
}
