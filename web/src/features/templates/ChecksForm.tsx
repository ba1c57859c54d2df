import { Select, Text, Title } from '@mantine/core'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import type { Plain } from '@/state/toml'
import { told, useWords } from '@/state/words'
import { ParameterField, useShown } from './ParameterField'
import { problemAt } from './problems'
import classes from './Thresholds.module.css'
import { TEXT } from './text'
import { inherited, type Path } from './thresholds'
import type { Parameter, Problem, Resolved, ResolvedCheck } from './types'

const STATES = ['fail', 'warn', 'report', 'off']
const GROUPS = ['file', 'video', 'flash', 'audio']

export interface Editing {
  /** What the text itself says: undefined where it says nothing, null where that is not understood here. */
  readonly own: (path: Path) => Plain | null | undefined
  readonly set: (path: Path, value: Plain) => void
  readonly reset: (path: Path) => void
}

interface Shown {
  readonly resolved: Resolved
  readonly base: Resolved | null
  readonly problems: readonly Problem[]
  /** Null: to look at only. */
  readonly editing: Editing | null
}

/** What a template asks for, by group; with fields where it may be changed. */
export function ChecksForm({ resolved, base, problems, editing }: Shown) {
  const words = useWords()
  const groups = [...new Set([...GROUPS, ...resolved.checks.map((check) => check.group)])]
  return groups.map((group) => {
    const checks = resolved.checks.filter((check) => check.group === group)
    if (checks.length === 0) return null
    return (
      <section key={group} className={classes.group}>
        <Title order={3} mb="xs">
          {words(`group.${group}`, group)}
        </Title>
        <div className="sl-card">
          {checks.map((check) => (
            <Check key={check.id} check={check} base={base} problems={problems} editing={editing} />
          ))}
        </div>
      </section>
    )
  })
}

function Check({ check, base, problems, editing }: Omit<Shown, 'resolved'> & { check: ResolvedCheck }) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  const name = told(check.name, language) || check.id
  const at = ['checks', check.id]
  const ownState = editing?.own([...at, 'state'])
  const states = STATES.map((state) => ({ value: state, label: words(`on_failure.${state}`, state) }))
  const before = base?.checks.find((one) => one.id === check.id)?.state
  return (
    <article className={classes.check} data-off={check.state === 'off' || undefined} aria-label={name}>
      <div>
        <Text size="sm" fw={600} className={classes.title}>
          <span className={classes.id}>{check.id}</span>
          <span>{name}</span>
        </Text>
        {editing ? (
          <Select
            mt={6}
            size="xs"
            maw={170}
            aria-label={say('weighs', { name })}
            data={states}
            value={typeof ownState === 'string' ? ownState : check.state}
            error={problemAt(problems, [...at, 'state'].join('.'), language)}
            allowDeselect={false}
            onChange={(state) =>
              state && (state === before ? editing.reset([...at, 'state']) : editing.set([...at, 'state'], state))
            }
          />
        ) : (
          <Text size="sm" className="sl-quiet">
            {words(`on_failure.${check.state}`, check.state)}
          </Text>
        )}
      </div>
      {editing ? (
        <div className={classes.fields}>
          {check.parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              own={editing.own([...at, parameter.name])}
              otherwise={inherited(base, check.id, parameter)}
              error={problemAt(problems, [...at, parameter.name].join('.'), language)}
              onSet={(value) => editing.set([...at, parameter.name], value)}
              onReset={() => editing.reset([...at, parameter.name])}
            />
          ))}
        </div>
      ) : (
        <Values parameters={check.parameters} />
      )}
      {check.source && (
        <div className={classes.source}>
          {say('source')}: {words(`source.${check.source}`, check.source)}
        </div>
      )}
    </article>
  )
}

function Values({ parameters }: { parameters: readonly Parameter[] }) {
  const shown = useShown()
  const words = useWords()
  const set = parameters.filter(({ value }) => value !== null && !isEmpty(value))
  if (set.length === 0) return <div />
  return (
    <dl className={classes.values}>
      {set.map(({ name, value, unit }) => (
        <div key={name}>
          <dt>{words(`parameter.${name}`, name)}</dt>
          <dd>{shown(value, unit)}</dd>
        </div>
      ))}
    </dl>
  )
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
