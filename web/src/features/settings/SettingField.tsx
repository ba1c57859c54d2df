import { Checkbox, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { wordsOf } from './installationQueries'
import { INSTALLATION, PROVIDER } from './textInstallation'
import { decimalsOf, kindOf, numberOf, PROVIDERS, type Setting } from './values'

interface Props {
  setting: Pick<Setting, 'name' | 'value'>
  value: unknown
  /** Undefined: what is typed is no value. */
  onChange: (value: unknown) => void
}

/** What a setting is edited with, by what it holds. */
export function SettingField({ setting, value, onChange }: Props) {
  const provider = useText(PROVIDER)
  const label = setting.name
  switch (kindOf(setting)) {
    case 'policies':
      return <PolicyField value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />
    case 'provider':
      return (
        <Select
          aria-label={label}
          data={PROVIDERS.map((one) => ({ value: one, label: provider(one) }))}
          value={typeof value === 'string' ? value : null}
          onChange={(to) => to && onChange(to)}
          allowDeselect={false}
        />
      )
    case 'number':
      return (
        <NumberInput
          aria-label={label}
          data-autofocus
          min={0}
          decimalScale={decimalsOf(label)}
          value={typeof value === 'number' ? value : ''}
          onChange={(to) => onChange(numberOf(to))}
        />
      )
    default:
      return (
        <TextInput
          aria-label={label}
          maxLength={200}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
  }
}

/** Which purposes people may be analysed for; none ticked allows all, so that is said. */
function PolicyField({ value, onChange }: { value: string[]; onChange: (value: string[]) => void }) {
  const say = useText(INSTALLATION)
  const word = useWords()
  const language = useLanguage()
  const { data } = useQuery(wordsOf(language))
  const ids = Object.keys(data?.words ?? {}).flatMap((key) => /^policy\.(\w+)\.name$/.exec(key)?.[1] ?? [])
  return (
    <Checkbox.Group
      label={say('policies')}
      description={say(value.length === 0 ? 'allPoliciesWhy' : 'policiesWhy')}
      value={value}
      onChange={onChange}
    >
      <Stack gap={6} mt={6}>
        {ids.map((id) => (
          <Checkbox key={id} value={id} label={word(`policy.${id}.name`, id)} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
