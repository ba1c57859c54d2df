import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Problem } from '@/api/client'
import { closeAdd, type Wanted } from '@/state/adding'
import { useWho, useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import { AddFiles } from './AddFiles'
import { AddOptions } from './AddOptions'
import classes from './AddWindow.module.css'
import { analysisOf, type Choice, keepChoice, readChoice } from './choice'
import type { Engine } from './engine'
import { addressesIn, sorted } from './files'
import { useMostBytes, usePolicies } from './limits'
import { fetchFrom } from './server'
import { TEXT } from './text'

/** Asks which videos, where to, and what is done with them; what was chosen is remembered for the next time. */
export default function AddWindow({ engine, wanted }: { engine: Engine; wanted: Wanted }) {
  const say = useText(TEXT)
  const here = useWorkspace()
  const places = useWho().workspaces.filter(({ role }) => role !== 'viewer')
  const mostBytes = useMostBytes()
  const [files, setFiles] = useState<readonly File[]>([])
  const [typed, setTyped] = useState('')
  const [workspaceId, setWorkspaceId] = useState(() => (places.find(({ id }) => id === here?.id) ?? places[0])?.id)
  const [choice, setChoice] = useState<Choice>(readChoice)
  const [problems, setProblems] = useState<readonly string[]>([])
  const [isBusy, setBusy] = useState(false)

  // What is dropped or pasted while the window is open comes to what is in it.
  useEffect(() => {
    if (wanted.files.length > 0) setFiles((before) => [...before, ...wanted.files])
    if (wanted.url) setTyped((before) => [before, wanted.url].filter(Boolean).join('\n'))
  }, [wanted])

  const { taken, refused } = sorted(files, mostBytes)
  const addresses = addressesIn(typed)
  const wrong = typed.split(/\s+/).filter((word) => word !== '' && !addresses.includes(word))
  const count = taken.length + addresses.length
  const needsConsent = usePolicies().find(({ id }) => id === choice.policy)?.needs_consent === true
  const isComplete = choice.desk !== 'interview' || !needsConsent || choice.consent !== null

  const add = async () => {
    if (!workspaceId || count === 0) return
    setBusy(true)
    setProblems([])
    const plan = { workspaceId, tags: choice.tags, analysis: analysisOf(choice) }
    engine.add(taken, plan)
    keepChoice(choice)
    setFiles([])
    const failed: string[] = []
    const told: string[] = []
    for (const url of addresses) {
      try {
        engine.follow(await fetchFrom(url, plan))
      } catch (error) {
        failed.push(url)
        told.push(`${url}: ${error instanceof Problem ? error.message : String(error)}`)
      }
    }
    setBusy(false)
    if (failed.length === 0) closeAdd()
    setTyped(failed.join('\n'))
    setProblems(told)
  }

  return (
    <Modal
      opened
      onClose={closeAdd}
      title={<b>{say('add')}</b>}
      size="lg"
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <Stack gap="md">
        {places.length === 0 && <p className={classes.note}>{say('noPlace')}</p>}
        <AddFiles
          taken={taken}
          refused={refused}
          mostBytes={mostBytes}
          add={(more) => setFiles((before) => [...before, ...more])}
          leaveOut={(gone) => setFiles((before) => before.filter((file) => file !== gone))}
        />
        <Textarea
          label={say('urls')}
          description={say('urlsHow')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={wrong.length > 0 ? say('urlsWrong', { text: wrong[0] as string }) : undefined}
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          inputMode="url"
        />
        <AddOptions
          workspaceId={workspaceId}
          setWorkspaceId={setWorkspaceId}
          places={places}
          choice={choice}
          setChoice={setChoice}
        />
        {problems.length > 0 && (
          <div className={classes.note} data-tone="fail" role="alert">
            <ul>
              {problems.map((told) => (
                <li key={told}>{told}</li>
              ))}
            </ul>
          </div>
        )}
        <Group justify="end" className={classes.actions}>
          <Button variant="default" onClick={closeAdd}>
            {say('close')}
          </Button>
          <Button
            onClick={add}
            loading={isBusy}
            disabled={count === 0 || !workspaceId || wrong.length > 0 || !isComplete}
          >
            {count === 0 ? say('sendNone') : say('send', { count })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
