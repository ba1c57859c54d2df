import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core'
import { IconFolder, IconMovie, IconUpload, IconX } from '@tabler/icons-react'
import { useRef } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { bytes } from '@/ui/format'
import classes from './AddWindow.module.css'
import { fingerprint, type Refused } from './files'
import { noteHandle } from './handles'
import { TEXT } from './text'

interface Shown {
  taken: readonly File[]
  refused: readonly Refused[]
  mostBytes: number
  add: (files: readonly File[]) => void
  leaveOut: (file: File) => void
}

const MOST_TOLD = 5

/** Where files are chosen; lists those that will be sent, and says kindly why others will not. */
export function AddFiles({ taken, refused, mostBytes, add, leaveOut }: Shown) {
  const say = useText(TEXT)
  const language = useLanguage()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const size = taken.reduce((sum, file) => sum + file.size, 0)

  const pick = async () => {
    const picked = await pickedWithHandles()
    if (picked === null) files.current?.click()
    else add(picked)
  }
  const chosen = (input: HTMLInputElement) => {
    add([...(input.files ?? [])])
    // The same file chosen once more is a change as well.
    input.value = ''
  }
  return (
    <Stack gap="xs">
      <div className={classes.place} data-empty={taken.length === 0}>
        <Group gap="xs" justify="center">
          <Button variant="light" leftSection={<IconUpload size={16} aria-hidden />} onClick={pick} data-autofocus>
            {say('pick')}
          </Button>
          <Button
            variant="subtle"
            leftSection={<IconFolder size={16} aria-hidden />}
            onClick={() => folder.current?.click()}
          >
            {say('pickFolder')}
          </Button>
        </Group>
        <Text size="sm" className="sl-quiet" visibleFrom="sm">
          {say('orDrop')}
        </Text>
        <input ref={files} type="file" multiple hidden onChange={(event) => chosen(event.currentTarget)} />
        <input
          ref={folder}
          type="file"
          multiple
          hidden
          {...{ webkitdirectory: '' }}
          onChange={(event) => chosen(event.currentTarget)}
        />
      </div>
      {taken.length > 0 && (
        <div>
          <Text size="sm" fw={600} aria-live="polite">
            {say('chosen', { count: taken.length, size: bytes(size, language) })}
          </Text>
          <ul className={classes.files}>
            {taken.map((file) => (
              <li key={fingerprint(file)}>
                <IconMovie size={16} stroke={1.6} aria-hidden />
                <span className={classes.name} title={file.webkitRelativePath || file.name}>
                  {file.name}
                </span>
                <span className="sl-quiet">{bytes(file.size, language)}</span>
                <ActionIcon
                  size="sm"
                  variant="subtle"
                  color="gray"
                  aria-label={say('leaveOut', { name: file.name })}
                  onClick={() => leaveOut(file)}
                >
                  <IconX size={14} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        </div>
      )}
      {refused.length > 0 && (
        <div className={classes.note} role="status">
          <strong>{say('refused', { count: refused.length })}</strong>
          <ul>
            {refused.slice(0, MOST_TOLD).map(({ index, name, why }) => (
              <li key={index}>
                <b>{name}</b> {say(why, { most: bytes(mostBytes, language) })}
              </li>
            ))}
            {refused.length > MOST_TOLD && <li>{say('refusedMore', { count: refused.length - MOST_TOLD })}</li>}
          </ul>
        </div>
      )}
    </Stack>
  )
}

interface Picks {
  showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>
}

/** Files with a way back to them after the browser was closed; null where the browser knows no such thing. */
async function pickedWithHandles(): Promise<readonly File[] | null> {
  const { showOpenFilePicker } = window as Picks
  if (!showOpenFilePicker) return null
  try {
    const handles = await showOpenFilePicker({ multiple: true })
    return await Promise.all(
      handles.map(async (handle) => {
        const file = await handle.getFile()
        noteHandle(file, handle)
        return file
      }),
    )
  } catch (error) {
    // Nothing was chosen; anything else leaves the plain way.
    return error instanceof DOMException && error.name === 'AbortError' ? [] : null
  }
}
