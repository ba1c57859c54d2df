import {
  ActionIcon,
  Checkbox,
  MultiSelect,
  NumberInput,
  Select,
  TagsInput,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useText } from '@/state/text'
import type { Plain } from '@/state/toml'
import { useWords, type Word } from '@/state/words'
import classes from './Thresholds.module.css'
import { CHOICES, TEXT } from './text'
import { keptAmount, listOf, shownAmount } from './thresholds'
import type { Parameter } from './types'

interface Field {
  readonly parameter: Parameter
  /** What the text itself says; undefined: nothing. */
  readonly own: Plain | null | undefined
  /** What counts where the text says nothing. */
  readonly otherwise: unknown
  readonly error: string | null
  readonly onSet: (value: Plain) => void
  readonly onReset: () => void
}

/** One threshold to change, with its unit, whether it was changed here, and the way back. */
export function ParameterField({ parameter, own, otherwise, error, onSet, onReset }: Field) {
  const say = useText(TEXT)
  const shown = useShown()
  const called = useCalled()
  const words = useWords()
  const isOwn = own !== undefined
  const value = isOwn && own !== null ? own : parameter.value
  const back = isOwn && (
    <Tooltip label={say('resetTo', { value: shown(otherwise, parameter.unit) })}>
      <ActionIcon
        size={24}
        variant="subtle"
        color="gray"
        onClick={onReset}
        aria-label={say('resetOf', { name: words(`parameter.${parameter.name}`, parameter.name) })}
      >
        <IconArrowBackUp size={15} />
      </ActionIcon>
    </Tooltip>
  )
  const common = {
    size: 'xs' as const,
    label: <Label name={parameter.name} unit={parameter.unit} isOwn={isOwn} />,
    error,
    rightSection: back || undefined,
    rightSectionPointerEvents: 'auto' as const,
  }
  const told = isOwn ? undefined : say('noLimit')
  const choices = parameter.choices.map((one) => ({ value: one, label: called(one) }))
  if (parameter.kind === 'number') {
    return <Amount {...common} parameter={parameter} value={value} placeholder={told} onSet={onSet} onReset={onReset} />
  }
  if (parameter.kind === 'bool') {
    return (
      <div>
        <Text size="xs" fw={500} mb={4} span display="block">
          <Label name={parameter.name} unit={parameter.unit} isOwn={isOwn} />
        </Text>
        <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
          <Checkbox
            size="sm"
            label={say(value === true ? 'yes' : 'no')}
            aria-label={words(`parameter.${parameter.name}`, parameter.name)}
            checked={value === true}
            onChange={(event) => onSet(event.currentTarget.checked)}
          />
          {back}
        </span>
      </div>
    )
  }
  if (parameter.kind === 'list') {
    const props = {
      ...common,
      value: Array.isArray(value) ? value.map(String) : [],
      placeholder: Array.isArray(value) && value.length > 0 ? undefined : say(emptyWord(parameter.name)),
      onChange: (typed: string[]) => (typed.length ? onSet(listOf(parameter.name, typed)) : onReset()),
    }
    return parameter.choices.length > 0 ? <MultiSelect {...props} data={choices} /> : <TagsInput {...props} />
  }
  if (parameter.kind === 'table') {
    return (
      <div>
        <Text size="xs" fw={500} component="div">
          <Label name={parameter.name} unit={parameter.unit} isOwn={isOwn} />
        </Text>
        <Text size="sm">{shown(parameter.value, parameter.unit)}</Text>
        <Text size="xs" className="sl-quiet">
          {say('inTheText')}
        </Text>
      </div>
    )
  }
  if (parameter.choices.length > 0) {
    return (
      <Select
        {...common}
        data={choices}
        value={typeof value === 'string' ? value : null}
        placeholder={told}
        onChange={(to) => (to === null ? onReset() : onSet(to))}
      />
    )
  }
  return <Line {...common} value={value} placeholder={told} onSet={onSet} onReset={onReset} />
}

function Label({ name, unit, isOwn }: { name: string; unit: string | null; isOwn: boolean }): ReactNode {
  const say = useText(TEXT)
  const words = useWords()
  return (
    <>
      {words(`parameter.${name}`, name)}
      {unit && <span className="sl-quiet"> ({signOf(unit, words)})</span>}
      {isOwn && <span className={classes.changed}> · {say('setHere')}</span>}
    </>
  )
}

function signOf(unit: string, words: Word): string {
  return unit === 'share' ? '%' : words(`unit.${unit.toLowerCase()}`, unit)
}

interface AmountField {
  readonly parameter: Parameter
  readonly value: unknown
  readonly onSet: (value: number) => void
  readonly onReset: () => void
}

/** While somebody types, a number may be half a number; the text gets whole ones only. */
function Amount({ parameter, value, onSet, onReset, ...field }: AmountField & Record<string, unknown>) {
  const [typed, setTyped] = useState<string | number | null>(null)
  const { unit } = parameter
  const given = typeof value === 'number' ? shownAmount(value, unit) : ''
  return (
    <NumberInput
      {...field}
      value={typed ?? given}
      min={parameter.least === null ? undefined : shownAmount(parameter.least, unit)}
      max={parameter.most === null ? undefined : shownAmount(parameter.most, unit)}
      clampBehavior="none"
      hideControls
      onBlur={() => {
        // Only now: who empties a field to write anew keeps the line and the comment beside it.
        if (typed === '') onReset()
        setTyped(null)
      }}
      onChange={(to) => {
        setTyped(to)
        if (typeof to === 'number') onSet(keptAmount(to, unit))
      }}
    />
  )
}

interface LineField {
  readonly value: unknown
  readonly onSet: (value: string) => void
  readonly onReset: () => void
}

function Line({ value, onSet, onReset, ...field }: LineField & Record<string, unknown>) {
  const [isEmptied, setEmptied] = useState(false)
  const given = value === null || value === undefined ? '' : String(value)
  return (
    <TextInput
      {...field}
      value={isEmptied ? '' : given}
      onBlur={() => {
        if (isEmptied) onReset()
        setEmptied(false)
      }}
      onChange={(event) => {
        const to = event.currentTarget.value
        setEmptied(to === '')
        if (to) onSet(to)
      }}
    />
  )
}

/** An empty list of what is allowed allows everything; one of what must be there, or must not, asks for nothing. */
function emptyWord(name: string): 'nothing' | 'anything' {
  return name.startsWith('required') || name === 'forbidden' ? 'nothing' : 'anything'
}

/** What one of a parameter's choices is called; codes of formats are their own names. */
function useCalled(): (choice: string) => string {
  const say = useText(CHOICES)
  return (choice) => (choice in CHOICES.en ? say(choice as keyof typeof CHOICES.en) : choice)
}

/** A value of a threshold as people read it, with its unit. */
export function useShown(): (value: unknown, unit: string | null) => string {
  const say = useText(TEXT)
  const called = useCalled()
  const words = useWords()
  return (value, unit) => {
    if (value === null || value === undefined) return say('noLimit')
    if (typeof value === 'boolean') return say(value ? 'yes' : 'no')
    if (Array.isArray(value)) return value.length ? value.map((one) => called(String(one))).join(', ') : say('anything')
    if (typeof value === 'object') {
      const pairs = Object.entries(value as Record<string, unknown>)
      return pairs.length ? pairs.map(([name, amount]) => `${name}: ${amount}`).join(', ') : say('noLimit')
    }
    if (typeof value !== 'number') return called(String(value))
    const amount = String(shownAmount(value, unit)).replace('-', '−')
    return unit ? `${amount} ${signOf(unit, words)}` : amount
  }
}
