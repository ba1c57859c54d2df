import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told, useWords } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { number } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { installation, useChangeSettings } from './installationQueries'
import { SettingField } from './SettingField'
import classes from './Settings.module.css'
import { TEXT } from './text'
import { INSTALLATION, PROVIDER } from './textInstallation'
import { kindOf, PROVIDERS, shownValue, unitOf, variableOf } from './values'

const HERE = 'installation'

type Setting = Schemas['SettingView']

/** One setting: what it is set to, where from, what it means, and its editor where it may change. */
export function SettingRow({ setting }: { setting: Setting }) {
  const say = useText(INSTALLATION)
  const language = useLanguage()
  const [isOpen, setOpen] = useState(false)
  const source =
    setting.source === null ? say('fromDefault') : setting.source === HERE ? say('fromHere') : setting.source
  return (
    <li className={classes.row}>
      <div className={classes.grow}>
        <Group gap={8}>
          <Text component="code" size="sm" fw={600} className={classes.secret}>
            {setting.name}
          </Text>
          <Mark tone={setting.source === HERE ? 'accent' : 'none'}>{source}</Mark>
        </Group>
        <div className={classes.quiet}>{told(setting.meaning, language)}</div>
        {isOpen && <Editor setting={setting} onClose={() => setOpen(false)} />}
      </div>
      {!isOpen && (
        <Group gap="xs">
          <Value setting={setting} />
          {setting.is_changeable && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPencil size={15} />}
              onClick={() => setOpen(true)}
              aria-label={say('changeOf', { name: setting.name })}
            >
              {say('change')}
            </Button>
          )}
        </Group>
      )}
    </li>
  )
}

function Value({ setting }: { setting: Setting }) {
  const say = useText(INSTALLATION)
  const provider = useText(PROVIDER)
  const word = useWords()
  const language = useLanguage()
  const shown = shownValue(setting.value)
  if (shown.as !== 'text')
    return (
      <Text size="sm" className="sl-quiet">
        {shown.as === 'nothing' && setting.name === 'interview_policies' ? say('allPolicies') : say(shown.as)}
      </Text>
    )
  const unit = typeof setting.value === 'number' ? unitOf(setting.name) : null
  const known = PROVIDERS.find((one) => one === setting.value)
  const text =
    kindOf(setting) === 'policies' && Array.isArray(setting.value)
      ? setting.value.map((id) => word(`policy.${id}.name`, String(id))).join(', ')
      : kindOf(setting) === 'provider' && known
        ? provider(known)
        : typeof setting.value === 'number'
          ? number(setting.value, language, 4)
          : shown.text
  return (
    <Text size="sm" fw={500} ta="right" maw={360}>
      {unit ? say(unit, { value: text }) : text}
    </Text>
  )
}

function Editor({ setting, onClose }: { setting: Setting; onClose: () => void }) {
  const say = useText(INSTALLATION)
  const words = useText(TEXT)
  const queries = useQueryClient()
  const [value, setValue] = useState<unknown>(setting.value ?? '')
  // What holds as far as is known here; somebody else may change it while this is open.
  const [seen, setSeen] = useState<unknown>(setting.value)
  const change = useChangeSettings()
  const look = async () => {
    const { items } = await queries.fetchQuery({ ...installation, staleTime: 0 })
    setSeen(items.find(({ name }) => name === setting.name)?.value)
  }
  const set = (to: unknown) =>
    change.mutate(
      { values: { [setting.name]: to }, seen: { [setting.name]: seen } },
      { onSuccess: onClose, onError: () => void look().catch(() => {}) },
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (value !== undefined) set(value)
      }}
    >
      <Stack gap="xs" mt="xs" maw={460}>
        <SettingField
          setting={setting}
          value={value}
          onChange={(to) => {
            change.reset()
            setValue(to)
          }}
        />
        {change.error && <ErrorNote error={change.error} />}
        <Group gap="xs">
          <Button size="compact-md" type="submit" loading={change.isPending} disabled={value === undefined}>
            {words('save')}
          </Button>
          <Button size="compact-md" variant="default" onClick={onClose}>
            {words('cancel')}
          </Button>
          {setting.source === HERE && (
            <Button
              size="compact-md"
              variant="subtle"
              loading={change.isPending}
              onClick={() => set(null)}
              title={say('backWhy', { variable: variableOf(setting.name) })}
            >
              {say('back')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}
