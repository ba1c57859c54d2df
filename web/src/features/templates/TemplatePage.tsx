import { Alert, Button, Group, Loader, Menu, Stack, Tabs, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowLeft, IconCopy, IconDots, IconPencil, IconTrash } from '@tabler/icons-react'
import { useBlocker } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { ChecksForm, type Editing } from './ChecksForm'
import { type Asked, TemplateDialogs } from './Dialogs'
import { Problems } from './Problems'
import { lineCount, lineRange, problemsByLine } from './problems'
import { useBase, useChecked, useSave, useTemplate, useUses } from './queries'
import { ScoresForm } from './ScoresForm'
import { SourceEditor } from './SourceEditor'
import classes from './Templates.module.css'
import { TryIt } from './TryIt'
import { TEXT } from './text'
import { extendedBy, valuesIn, withoutValue, withValue } from './thresholds'
import { type Desk, deskOf, type Template } from './types'

const AFTER_MS = 350

interface Chosen {
  readonly desk: Desk
  readonly name: string
  readonly onChoose: (desk: Desk, name: string | null) => void
}

/** One template or rubric: what it asks for, its text, and what it would make of a video. */
export function TemplatePage({ desk, name, onChoose }: Chosen) {
  const { data, error, refetch } = useTemplate(desk, name)
  const say = useText(TEXT)
  return (
    <div className={classes.page}>
      <Button
        className={classes.back}
        variant="subtle"
        size="compact-sm"
        leftSection={<IconArrowLeft size={16} />}
        onClick={() => onChoose(desk, null)}
      >
        {say('all')}
      </Button>
      {error && <ErrorNote error={error} again={() => refetch()} />}
      {!data && !error && <Loader size="sm" type="dots" />}
      {data && <Loaded key={`${data.desk}/${data.name}`} template={data} onChoose={onChoose} />}
    </div>
  )
}

function Loaded({ template, onChoose }: { template: Template; onChoose: Chosen['onChoose'] }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const mayEdit = useMayEdit() && !template.is_shipped
  const desk = deskOf(template.desk)
  const [kept, setKept] = useState(template.source)
  const [source, setSource] = useState(template.source)
  const [debounced] = useDebouncedValue(source, AFTER_MS)
  const [tab, setTab] = useState<string | null>('asks')
  const [dialog, setDialog] = useState<Asked | null>(null)
  const [stuck, setStuck] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const checked = useChecked(desk, template.name, debounced)
  const save = useSave()
  const base = useBase(desk, desk === 'qc' ? extendedBy(source) : null)
  const isChanged = source !== kept
  const isElsewhere = template.source !== kept && template.source !== source && !save.isPending
  const lastResolved = useRef(template.resolved)
  if (checked.data?.resolved) lastResolved.current = checked.data.resolved
  const resolved = lastResolved.current
  const problems = checked.data?.problems ?? []
  const first = problems[0]
  const byLine = problemsByLine(problems, lineCount(source))
  const isSettled = debounced === source && !checked.isFetching
  const isValid = checked.data?.is_valid === true && isSettled

  const editing = useMemo((): Editing | null => {
    if (!mayEdit) return null
    const change = (to: string | null) => {
      setStuck(to === null)
      if (to !== null) setSource(to)
    }
    return {
      own: valuesIn(desk, source),
      set: (path, value) => change(withValue(desk, source, path, value)),
      reset: (path) => change(withoutValue(source, path)),
    }
  }, [mayEdit, desk, source])

  const goToLine = (line: number) => {
    setTab('text')
    requestAnimationFrame(() => {
      const [from, to] = lineRange(source, line)
      field.current?.focus()
      field.current?.setSelectionRange(from, to)
    })
  }
  const keep = () =>
    save.mutate({ desk, name: template.name, source, seen: template.updated_at ?? null }, { onSuccess: (row) => {
      // What it builds on of the workspace's own may have become part of it.
      const whole = row.source ?? source
      setKept(whole)
      setSource((now) => (now === source ? whole : now))
    } }) // biome-ignore format: one call

  return (
    <Stack gap="sm">
      <Head template={template} mayEdit={mayEdit} onAsk={setDialog} />
      {isElsewhere && (
        <Alert color="yellow" title={say('changedElsewhere')}>
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              save.reset()
              setKept(template.source)
              setSource(template.source)
            }}
          >
            {say('takeTheirs')}
          </Button>
        </Alert>
      )}
      <Problems problems={byLine} onGo={goToLine} isBusy={!isSettled} />
      {checked.error && <ErrorNote error={checked.error} again={() => checked.refetch()} />}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="asks">{say(desk === 'qc' ? 'checks' : 'scores')}</Tabs.Tab>
          <Tabs.Tab value="text">{say('asText')}</Tabs.Tab>
          <Tabs.Tab value="try">{say('tryTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="asks" className={classes.panel}>
          {stuck && <Alert color="yellow">{say('stuck')}</Alert>}
          {mayEdit && (
            <Text size="sm" className="sl-quiet" mt="sm">
              {say(desk === 'qc' ? 'formWhy' : 'rubricFormWhy')}
            </Text>
          )}
          {!resolved && (
            <Text size="sm" mt="sm">
              {say('notUnderstood')}
            </Text>
          )}
          {resolved && desk === 'qc' && (
            <ChecksForm resolved={resolved} base={base} problems={problems} editing={editing} />
          )}
          {resolved && desk === 'interview' && <ScoresForm resolved={resolved} base={base} editing={editing} />}
        </Tabs.Panel>
        <Tabs.Panel value="text" pt="sm">
          <Text size="sm" className="sl-quiet" mb="xs">
            {say(desk === 'qc' ? 'tomlWhy' : 'yamlWhy')}
          </Text>
          <SourceEditor
            label={say('textOf', { name: template.name })}
            value={source}
            onChange={mayEdit ? setSource : null}
            wrongLines={new Set([...byLine.keys()].filter((line) => line > 0))}
            describedBy="template-problems"
            field={field}
          />
        </Tabs.Panel>
        <Tabs.Panel value="try" pt="sm" className={classes.panel}>
          <TryIt desk={desk} name={template.name} source={template.is_shipped ? null : debounced} isValid={isValid} />
        </Tabs.Panel>
      </Tabs>
      {save.error && <ErrorNote error={save.error} />}
      {mayEdit && (isChanged || save.isSuccess) && (
        <Group className={classes.bar} justify="space-between" role="status">
          <Text size="sm" fw={600}>
            {first && isChanged
              ? say('cannotSave', { problem: told(first.message, language) })
              : say(isChanged ? 'unsaved' : 'saved')}
          </Text>
          {isChanged && (
            <Group gap="xs">
              <Button variant="default" size="xs" onClick={() => setSource(kept)}>
                {say('discard')}
              </Button>
              <Button size="xs" onClick={keep} loading={save.isPending} disabled={!isValid}>
                {say(isElsewhere ? 'saveOver' : 'save')}
              </Button>
            </Group>
          )}
        </Group>
      )}
      <Leaving isChanged={isChanged} />
      <TemplateDialogs
        template={template}
        source={kept}
        asked={dialog}
        onClose={() => setDialog(null)}
        onChoose={(to) => onChoose(desk, to)}
      />
    </Stack>
  )
}

function Head({ template, mayEdit, onAsk }: { template: Template; mayEdit: boolean; onAsk: (what: Asked) => void }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const canCopy = useMayEdit()
  const uses = useUses(deskOf(template.desk), template.name)
  const title = told(template.title, language) || template.name
  return (
    <div>
      <Group justify="space-between" align="start" wrap="nowrap">
        <div>
          <Title order={2}>{title}</Title>
          <Text size="sm" className="sl-quiet">
            {[
              say(template.desk === 'qc' ? 'qcTemplate' : 'rubric'),
              template.name,
              say(template.is_shipped ? 'shipped' : 'own'),
              ...(template.extends ? [say('extends', { name: template.extends })] : []),
            ].join(' · ')}
          </Text>
        </div>
        {canCopy && (
          <Group gap="xs" wrap="nowrap">
            <Button size="xs" variant="default" leftSection={<IconCopy size={15} />} onClick={() => onAsk('copy')}>
              {say('copy')}
            </Button>
            {mayEdit && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button size="xs" variant="default" px={8} aria-label={say('more')}>
                    <IconDots size={16} />
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => onAsk('rename')}>
                    {say('rename')}
                  </Menu.Item>
                  <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => onAsk('remove')}>
                    {say('remove')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </Group>
        )}
      </Group>
      {told(template.description, language) && (
        <Text size="sm" mt={6} maw={720}>
          {told(template.description, language)}
        </Text>
      )}
      {uses && uses.of > 0 && (
        <Text size="sm" className="sl-quiet" mt={4}>
          {say(uses.isAll ? 'usedOfAll' : 'usedOfLatest', { count: uses.count, of: uses.of })}
        </Text>
      )}
    </div>
  )
}

/** Asks before unsaved changes are left behind. */
function Leaving({ isChanged }: { isChanged: boolean }) {
  const say = useText(TEXT)
  const leaving = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  })
  return (
    <Confirm
      isOpen={leaving.status === 'blocked'}
      title={say('leaveTitle')}
      action={say('leave')}
      isDangerous
      onConfirm={() => leaving.proceed?.()}
      onClose={() => leaving.reset?.()}
    >
      {say('leaveWhy')}
    </Confirm>
  )
}
