import { Button, Group, Modal, Radio, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { extending, freeName, nameProblem } from './names'
import { useRemove, useSave, useTemplate, useTemplates, useUses } from './queries'
import { TEXT } from './text'
import { titled, titleOf } from './thresholds'
import { type Desk, deskOf, type Template } from './types'

export type Asked = 'copy' | 'rename' | 'remove'

interface Dialogs {
  readonly template: Template
  /** Its text as it is kept. */
  readonly source: string
  readonly asked: Asked | null
  readonly onClose: () => void
  readonly onChoose: (name: string | null) => void
}

/** What is done to one template as a whole. */
export function TemplateDialogs({ template, source, asked, onClose, onChoose }: Dialogs) {
  const desk = deskOf(template.desk)
  if (asked === 'copy')
    return <NewTemplate desk={desk} from={template.name} onClose={onClose} onMade={(_, name) => onChoose(name)} />
  if (asked === 'rename')
    return <Rename desk={desk} name={template.name} source={source} onClose={onClose} onChoose={onChoose} />
  return asked === 'remove' ? <Remove desk={desk} name={template.name} onClose={onClose} onChoose={onChoose} /> : null
}

interface New {
  readonly desk: Desk
  /** What it begins with. */
  readonly from?: string
  readonly onClose: () => void
  readonly onMade: (desk: Desk, name: string) => void
}

export function NewTemplate({ desk: first, from = 'default', onClose, onMade }: New) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [desk, setDesk] = useState<Desk>(first)
  const [parent, setParent] = useState(from)
  const taken = useNames(desk)
  const [typed, setName] = useState<string | null>(null)
  const [way, setWay] = useState('build')
  const save = useSave()
  const whole = useTemplate(desk, parent)
  const all = (useTemplates().data?.items ?? []).filter((one) => one.desk === desk)
  const isBuilt = desk === 'qc' && way === 'build'
  const name = typed ?? freeName(parent === 'default' ? 'house' : parent, taken)
  const problem = nameProblem(name, taken)
  const source = isBuilt ? extending(parent, name) : whole.data && titled(desk, whole.data.source, name)
  const make = () => {
    if (source === undefined || problem) return
    save.mutate({ desk, name, source, seen: null }, { onSuccess: () => { onClose(); onMade(desk, name) } }) // biome-ignore format: one call
  }
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': say('cancel') }} title={say('newTitle')} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make()
        }}
      >
        <Stack>
          <SegmentedControl
            aria-label={say('desk')}
            value={desk}
            onChange={(to) => {
              setDesk(deskOf(to))
              setParent('default')
            }}
            data={[
              { value: 'qc', label: say('qcTemplate') },
              { value: 'interview', label: say('rubric') },
            ]}
          />
          <Select
            label={say('beginWith')}
            value={parent}
            allowDeselect={false}
            onChange={(to) => to && setParent(to)}
            data={all.map((one) => ({ value: one.name, label: told(titleOf(one), language) || one.name }))}
          />
          {desk === 'qc' && (
            <Radio.Group value={way} onChange={setWay} label={say('how')}>
              <Stack gap="xs" mt="xs">
                <Radio value="build" label={say('build')} description={say('buildWhy')} />
                <Radio value="copy" label={say('copyText')} description={say('copyTextWhy')} />
              </Stack>
            </Radio.Group>
          )}
          <NameField value={name} problem={problem} onChange={setName} />
          {save.error && <ErrorNote error={save.error} />}
          {!isBuilt && whole.error && <ErrorNote error={whole.error} again={() => whole.refetch()} />}
          <Buttons
            action={say('create')}
            onClose={onClose}
            isBusy={save.isPending}
            isOff={problem !== null || source === undefined}
          />
        </Stack>
      </form>
    </Modal>
  )
}

interface Named {
  readonly desk: Desk
  readonly name: string
  readonly onClose: () => void
  readonly onChoose: (name: string | null) => void
}

function Rename({ desk, name, source, onClose, onChoose }: Named & { source: string }) {
  const say = useText(TEXT)
  const taken = useNames(desk)
  const [to, setTo] = useState(name)
  const save = useSave()
  const remove = useRemove()
  const problem = to === name ? null : nameProblem(to, taken)
  const rename = async () => {
    if (problem || to === name) return
    // Kept under the new name first: whatever fails then, nothing is lost.
    await save.mutateAsync({ desk, name: to, source, seen: null })
    await remove.mutateAsync({ desk, name })
    onClose()
    onChoose(to)
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': say('cancel') }}
      title={say('renameTitle', { name })}
      centered
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          rename().catch(() => {})
        }}
      >
        <Stack>
          <NameField value={to} problem={problem} onChange={setTo} note={say('renameWhy')} />
          {(save.error ?? remove.error) && <ErrorNote error={save.error ?? remove.error} />}
          <Buttons
            action={say('rename')}
            onClose={onClose}
            isBusy={save.isPending || remove.isPending}
            isOff={problem !== null || to === name}
          />
        </Stack>
      </form>
    </Modal>
  )
}

function Remove({ desk, name, onClose, onChoose }: Named) {
  const say = useText(TEXT)
  const remove = useRemove()
  const uses = useUses(desk, name)
  const used = uses ? say(uses.isAll ? 'usedOfAll' : 'usedOfLatest', { count: uses.count, of: uses.of }) : ''
  return (
    <Confirm
      isOpen
      isDangerous
      title={say('removeTitle', { name })}
      action={say('removeAction')}
      isBusy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ desk, name }, { onSuccess: () => { onClose(); onChoose(null) } })} // biome-ignore format: one call
    >
      {`${say('removeWhy')} ${used}`}
    </Confirm>
  )
}

function useNames(desk: Desk): readonly string[] {
  return (useTemplates().data?.items ?? []).filter((one) => one.desk === desk).map((one) => one.name)
}

interface NameGiven {
  readonly value: string
  readonly problem: ReturnType<typeof nameProblem>
  readonly note?: string
  readonly onChange: (name: string) => void
}

function NameField({ value, problem, note, onChange }: NameGiven) {
  const say = useText(TEXT)
  return (
    <TextInput
      label={say('name')}
      description={note ?? say('nameWhy')}
      value={value}
      error={problem && say(problem)}
      maxLength={100}
      required
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function Buttons({
  action,
  isBusy,
  isOff,
  onClose,
}: {
  action: string
  isBusy: boolean
  isOff: boolean
  onClose: () => void
}) {
  const say = useText(TEXT)
  return (
    <Group justify="end">
      <Button variant="default" onClick={onClose}>
        {say('cancel')}
      </Button>
      <Button type="submit" loading={isBusy} disabled={isOff}>
        {action}
      </Button>
    </Group>
  )
}
