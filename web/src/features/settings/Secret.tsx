import { Alert, Button, Group, Stack, TextInput } from '@mantine/core'
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useText } from '@/state/text'
import classes from './Settings.module.css'
import { TEXT } from './text'

/** Something that is shown once and never again, to be copied. */
export function Secret({ label, value }: { label: string; value: string }) {
  const say = useText(TEXT)
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    field.current?.select()
    setCopied(await copied(value))
  }
  return (
    <Alert color="teal" variant="light" icon={<IconKey size={18} aria-hidden />} title={label}>
      <Stack gap="xs">
        <span>{say('onceOnly')}</span>
        <Group gap="xs" align="end" wrap="nowrap">
          <TextInput
            ref={field}
            flex={1}
            readOnly
            aria-label={label}
            value={value}
            classNames={{ input: classes.secret }}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button
            variant="default"
            leftSection={isCopied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            onClick={() => void copy()}
          >
            {isCopied ? say('copied') : say('copy')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}

/** Whether it is in the clipboard. Over plain HTTP browsers give no clipboard: then what is selected is copied. */
async function copied(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    return document.execCommand('copy')
  }
}
