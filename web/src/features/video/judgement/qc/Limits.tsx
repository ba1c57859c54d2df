import { Loader, MultiSelect, NumberInput, Select, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { useText } from '@/state/text'
import type { Plain } from '@/state/toml'
import { ErrorNote } from '@/ui/ErrorNote'
import { useShown } from '../shown'
import type { Parameter } from '../templates'
import { unitText, valueText } from '../values'
import { listValue, shownValue } from './limit_values'
import classes from './Qc.module.css'
import { TEXT } from './text'
import type { Trial } from './trial'

const STATES = ['fail', 'warn', 'report', 'off']

/** The limits of one check, to be changed: what comes of it is shown at once. */
export function Limits({ trial, check }: { trial: Trial; check: string }) {
  const say = useText(TEXT)
  const shown = useShown()
  const planned = trial.planned.get(check)
  const edits = trial.edits.get(check) ?? {}
  if (trial.limitsError) return <ErrorNote error={trial.limitsError} />
  if (trial.isLoadingLimits)
    return (
      <Text size="sm" className="sl-quiet">
        <Loader size="xs" mr="xs" />
        {say('loadingLimits')}
      </Text>
    )
  if (!planned)
    return (
      <Text size="sm" className="sl-quiet">
        {say('notInTemplate')}
      </Text>
    )
  return (
    <fieldset className={classes.limits}>
      <legend className={classes.figures}>{say('limits')}</legend>
      <Select
        size="xs"
        label={say('weighs')}
        allowDeselect={false}
        data={STATES.map((state) => ({ value: state, label: shown.word(`on_failure.${state}`, state) }))}
        value={typeof edits.state === 'string' ? edits.state : planned.state}
        onChange={(to) => to && trial.set(check, 'state', to === planned.state ? null : to)}
      />
      {planned.parameters.map((parameter) => (
        <Field
          key={parameter.name}
          parameter={parameter}
          edited={edits[parameter.name]}
          onChange={(to) => trial.set(check, parameter.name, to)}
        />
      ))}
      {!planned.parameters.length && (
        <Text size="xs" className="sl-quiet">
          {say('noLimitsOf')}
        </Text>
      )}
    </fieldset>
  )
}

interface Edits {
  parameter: Parameter
  edited: Plain | undefined
  /** Null: as the template has it. */
  onChange: (to: Plain | null) => void
}

function Field({ parameter, edited, onChange }: Edits) {
  const say = useText(TEXT)
  const shown = useShown()
  const { name, kind, unit } = parameter
  const value = parameter.value as Plain | null
  const usual = parameter.default as Plain | null
  const unitShown = unitText(unit, shown)
  const label = `${shown.word(`parameter.${name}`, name.replaceAll('_', ' '))}${unitShown && kind === 'number' ? ` (${unit === 'share' ? '0–1' : unitShown})` : ''}`
  const description =
    edited === undefined ? undefined : say('asTemplate', { value: shownValue(value, shown, say('unset')) })
  const change = (to: Plain) => onChange(JSON.stringify(to) === JSON.stringify(value) ? null : to)
  const now = edited ?? value
  const shared = { size: 'xs' as const, label, description }
  switch (kind) {
    case 'bool':
      return (
        <Switch
          {...shared}
          checked={now === true}
          onChange={(event) => change(event.currentTarget.checked)}
          style={{ alignSelf: 'end' }}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...shared}
          placeholder={say('unset')}
          value={typeof now === 'number' ? now : ''}
          decimalScale={6}
          min={parameter.least ?? undefined}
          max={parameter.most ?? undefined}
          onChange={(to) => (typeof to === 'number' ? change(to) : onChange(null))}
        />
      )
    case 'list':
      if (parameter.choices.length)
        return (
          <MultiSelect
            {...shared}
            data={[...parameter.choices]}
            value={Array.isArray(now) ? now.map(String) : []}
            onChange={(to) => change(listValue(name, value, usual, to))}
          />
        )
      return (
        <TagsInput
          {...shared}
          placeholder={say('listHint')}
          value={Array.isArray(now) ? now.map(String) : []}
          onChange={(to) => change(listValue(name, value, usual, to))}
        />
      )
    case 'table':
      return (
        <div>
          <Text size="xs" fw={500}>
            {label}
          </Text>
          <Text size="xs" className="sl-quiet">
            {say('inTheText', { value: shownValue(value, shown, say('unset')) })}
          </Text>
        </div>
      )
    default:
      if (parameter.choices.length)
        return (
          <Select
            {...shared}
            data={[...parameter.choices]}
            value={typeof now === 'string' ? now : null}
            allowDeselect={value === null}
            onChange={(to) => (to === null ? onChange(null) : change(to))}
          />
        )
      return (
        <TextInput
          {...shared}
          placeholder={say('unset')}
          value={typeof now === 'string' ? now : now === null ? '' : valueText(now as never, null, shown)}
          onChange={(event) => (event.currentTarget.value ? change(event.currentTarget.value) : onChange(null))}
        />
      )
  }
}
