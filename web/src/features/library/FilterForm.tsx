import { Group, MultiSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { tagsOptions } from './api'
import classes from './bar.module.css'
import { DESKS, dayAfter, dayOf, type Filter, STATES, VERDICTS } from './filter'
import { daysFrom, HEIGHTS, has, LENGTHS, type Preset, STATE_KEYS } from './labels'
import { Part } from './Part'
import { useShown } from './shown'

interface FormOf {
  filter: Filter
  workspaceId: string | null
  onFilter: (filter: Filter) => void
}

/** Every way to narrow the library. What is chosen holds at once. */
export function FilterForm({ filter, workspaceId, onFilter }: FormOf) {
  const { say } = useShown()
  const { data: tags } = useQuery(tagsOptions(workspaceId))
  const known = new Map((tags?.items ?? []).map(({ tag, videos }) => [tag, videos]))
  const change = (part: Partial<Filter>) => onFilter({ ...filter, ...part })
  const flip = (name: 'desk' | 'verdict' | 'state', value: string) =>
    change({ [name]: filter[name] === value ? null : value })
  const presets = <Values extends Partial<Filter>>(all: readonly Preset<Values>[]) =>
    all.map(({ key, values }) => {
      const isOn = has(filter, values)
      const nothing = Object.fromEntries(Object.keys(values).map((name) => [name, null]))
      return (
        <Choice key={key} isOn={isOn} onClick={() => change(isOn ? nothing : values)}>
          {say(key)}
        </Choice>
      )
    })
  const minutes = (value: number | null) => (value === null ? '' : Math.round((value / 60) * 100) / 100)
  const ofMinutes = (value: string | number) => (value === '' ? null : Math.max(0, Number(value) * 60))
  return (
    <Stack gap="sm">
      <Section title={say('desk')}>
        {DESKS.map((desk) => (
          <Choice key={desk} isOn={filter.desk === desk} onClick={() => flip('desk', desk)}>
            {say(desk)}
          </Choice>
        ))}
      </Section>
      <Section title={say('verdict')}>
        {VERDICTS.map((verdict) => (
          <Choice key={verdict} isOn={filter.verdict === verdict} onClick={() => flip('verdict', verdict)}>
            {say(verdict)}
          </Choice>
        ))}
      </Section>
      <Section title={say('state')}>
        {STATES.map((state) => (
          <Choice key={state} isOn={filter.state === state} onClick={() => flip('state', state)}>
            {say(STATE_KEYS[state])}
          </Choice>
        ))}
      </Section>
      <MultiSelect
        size="sm"
        label={say('tags')}
        classNames={{ label: classes.legend }}
        placeholder={filter.tags.length ? undefined : say('anyTag')}
        nothingFoundMessage={say('noTags')}
        data={[...new Set([...known.keys(), ...filter.tags])]}
        renderOption={({ option }) => (
          <Group justify="space-between" flex={1} wrap="nowrap">
            <span>{option.value}</span>
            <span className="sl-quiet">{known.get(option.value)}</span>
          </Group>
        )}
        value={[...filter.tags]}
        onChange={(chosen) => change({ tags: chosen })}
        searchable
        hidePickedOptions
        limit={100}
        comboboxProps={{ withinPortal: false }}
      />
      <Section title={say('date')}>{presets(daysFrom())}</Section>
      <Group grow gap="xs">
        <TextInput
          type="date"
          size="sm"
          label={say('fromDay')}
          value={filter.from ?? ''}
          onChange={(event) => change({ from: dayOf(event.currentTarget.value) })}
        />
        <TextInput
          type="date"
          size="sm"
          label={say('untilDay')}
          value={filter.before ? dayAfter(filter.before, -1) : ''}
          onChange={(event) => {
            const day = dayOf(event.currentTarget.value)
            change({ before: day && dayAfter(day, 1) })
          }}
        />
      </Group>
      <Section title={say('duration')}>{presets(LENGTHS)}</Section>
      <Group grow gap="xs">
        <NumberInput
          size="sm"
          label={say('least')}
          min={0}
          value={minutes(filter.shortest)}
          onChange={(value) => change({ shortest: ofMinutes(value) })}
        />
        <NumberInput
          size="sm"
          label={say('most')}
          min={0}
          value={minutes(filter.longest)}
          onChange={(value) => change({ longest: ofMinutes(value) })}
        />
      </Group>
      <Section title={say('resolution')}>{presets(HEIGHTS)}</Section>
    </Stack>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <Part role="group" aria-labelledby={id}>
      <Text id={id} className={classes.legend}>
        {title}
      </Text>
      <Group gap={6}>{children}</Group>
    </Part>
  )
}

function Choice({ isOn, onClick, children }: { isOn: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className={classes.choice} aria-pressed={isOn} onClick={onClick}>
      {children}
    </button>
  )
}
