import { Alert, Button, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { bytes, moment, number } from '@/ui/format'
import classes from './People.module.css'
import type { Receipt } from './queries'
import { canonical, type Line, toldBy, wordOf } from './receipt'
import { TEXT } from './text'

interface Shown {
  readonly receipt: Receipt
  readonly isNew?: boolean
  readonly onClose: () => void
}

/** A receipt as people read it; the file is the document its SHA-256 is of. */
export function ReceiptWindow({ receipt, isNew, onClose }: Shown) {
  const say = useText(TEXT)
  const language = useLanguage()
  const told = toldBy(receipt.document)
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': say('close') }}
      title={say('receipt')}
      size="xl"
      centered
    >
      <Stack>
        {isNew && (
          <Text size="sm" fw={600} role="status">
            {say('erasedNow')}
          </Text>
        )}
        {!receipt.is_complete && (
          <Alert color="yellow" title={say('incomplete')}>
            {say('incompleteWhy')}
          </Alert>
        )}
        <dl className={classes.facts}>
          <dt>{say('made')}</dt>
          <dd>{moment(receipt.made_at, language)}</dd>
          <dt>{say('mode')}</dt>
          <dd>{say(receipt.mode === 'media_only' ? 'mediaOnly' : 'everything')}</dd>
          <dt>{say('videoId')}</dt>
          <dd className={classes.hash}>{receipt.video_id}</dd>
          <dt>{say('hash')}</dt>
          <dd className={classes.hash}>{receipt.sha256}</dd>
        </dl>
        <Lines title={say('removed')} lines={told.removed} />
        <Lines title={say('kept')} lines={told.kept} />
        {told.pending.length > 0 && <Words title={say('pending')} words={told.pending} />}
        <Words title={say('notCovered')} words={told.notCovered} />
        <Group justify="space-between">
          <Text size="xs" className="sl-quiet">
            {say('downloadWhy')}
          </Text>
          <Group gap="xs">
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => download(receipt)}>
              {say('download')}
            </Button>
            <Button onClick={onClose}>{say('close')}</Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}

function useName(): (what: string) => string {
  const say = useText(TEXT)
  return (what) => {
    if (what === 'backups' || what === 'logs') return say(what)
    const word = wordOf(what)
    if (!word) return what
    return 'key' in word ? say(word.key) : say('whatRows', { table: word.table })
  }
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  const say = useText(TEXT)
  const name = useName()
  const language = useLanguage()
  if (lines.length === 0) return null
  return (
    <div>
      <Title order={3} mb={4}>
        {title}
      </Title>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{say('what')}</th>
            <th scope="col">{say('count')}</th>
            <th scope="col">{say('size')}</th>
            <th scope="col">{say('hash')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a document that does not change
            <tr key={n}>
              <th scope="row">
                {name(line.what)}
                {line.why && (
                  <Text size="xs" className="sl-quiet" fw={400}>
                    {line.why === 'another video has the same bytes' ? say('sameBytes') : line.why}
                  </Text>
                )}
              </th>
              <td>{line.count === null ? '' : number(line.count, language)}</td>
              <td>{line.bytes === null ? '' : bytes(line.bytes, language)}</td>
              <td className={classes.hash}>{line.sha256 ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Words({ title, words }: { title: string; words: readonly string[] }) {
  const name = useName()
  if (words.length === 0) return null
  return (
    <Text size="sm">
      <strong>{title}:</strong> {words.map(name).join(', ')}
    </Text>
  )
}

function download(receipt: Receipt): void {
  const file = new Blob([canonical(receipt.document)], { type: 'application/json' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `receipt-${receipt.id}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}
