import { Button, Divider, Radio, Select, Stack, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { ErrorNote } from '@/ui/ErrorNote'
import { bytes, day } from '@/ui/format'
import classes from './People.module.css'
import { type Receipt, useAnalysisCount, useErase, useVideo, useVideoChoice, type Video } from './queries'
import { Receipts } from './Receipts'
import { ReceiptWindow } from './ReceiptWindow'
import { TEXT } from './text'

type Mode = 'everything' | 'media_only'

/** Deletion of a video for good, and the receipts of what was deleted. */
export function Erasure({ videoId }: { videoId: string | null }) {
  const mayEdit = useMayEdit()
  return (
    <Stack gap="lg">
      {mayEdit && <Erase videoId={videoId} />}
      {mayEdit && <Divider />}
      <Receipts />
    </Stack>
  )
}

function Erase({ videoId }: { videoId: string | null }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [chosen, choose] = useState(videoId)
  const [mode, setMode] = useState<Mode>('everything')
  const [isAsking, ask] = useState(false)
  const [receipt, show] = useState<Receipt | null>(null)
  const { data: video, error, refetch } = useVideo(chosen)
  const count = useAnalysisCount(chosen)
  const erase = useErase()
  const isGone = Boolean(video?.media_removed_at)
  const confirm = () =>
    video &&
    erase.mutate({ video_id: video.id, mode }, { onSuccess: (made) => { ask(false); choose(null); show(made) } }) // biome-ignore format: one call
  return (
    <section>
      <Title order={2} mb="xs">
        {say('erasure')}
      </Title>
      <Text size="sm" className="sl-quiet" maw={760} mb="md">
        {say('erasureWhy')}
      </Text>
      <Stack maw={860}>
        <VideoChoice chosen={video ?? null} onChoose={choose} />
        {error && <ErrorNote error={error} again={() => refetch()} />}
        {video && (
          <>
            <Text size="sm" fw={600}>
              {say('eraseSummary', { name: video.name, size: bytes(video.size_bytes, language), count: count ?? 0 })}
            </Text>
            <Radio.Group
              label={say('mode')}
              value={isGone ? 'everything' : mode}
              onChange={(to) => setMode(to as Mode)}
            >
              <div className={classes.modes}>
                <Way value="everything" title={say('everything')} why={say('everythingWhy')} />
                <Way
                  value="media_only"
                  title={say('mediaOnly')}
                  why={isGone ? say('mediaGone') : say('mediaOnlyWhy')}
                  isOff={isGone}
                />
              </div>
            </Radio.Group>
            <Button color="red" onClick={() => ask(true)} style={{ alignSelf: 'start' }}>
              {say('erase')}
            </Button>
          </>
        )}
      </Stack>
      {video && (
        <Confirm
          isOpen={isAsking}
          isDangerous
          title={say('eraseTitle', { name: video.name })}
          action={say('eraseAction')}
          isBusy={erase.isPending}
          error={erase.error}
          onConfirm={confirm}
          onClose={() => ask(false)}
        >
          <Text size="sm">{say(mode === 'everything' ? 'eraseEverything' : 'eraseMedia')}</Text>
          <Text size="sm">
            {say('eraseSummary', {
              name: day(video.created_at, language),
              size: bytes(video.size_bytes, language),
              count: count ?? 0,
            })}
          </Text>
          <Text size="sm">{say('eraseBackups')}</Text>
        </Confirm>
      )}
      {receipt && <ReceiptWindow receipt={receipt} isNew onClose={() => show(null)} />}
    </section>
  )
}

function Way({ value, title, why, isOff }: { value: Mode; title: string; why: string; isOff?: boolean }) {
  return (
    <Radio.Card className={classes.mode} value={value} p="md" disabled={isOff} aria-label={title}>
      <span style={{ display: 'flex', gap: 10, alignItems: 'start' }}>
        <Radio.Indicator disabled={isOff} />
        <span>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Text size="sm" className="sl-quiet" mt={4}>
            {why}
          </Text>
        </span>
      </span>
    </Radio.Card>
  )
}

function VideoChoice({ chosen, onChoose }: { chosen: Video | null; onChoose: (id: string | null) => void }) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [typed, setTyped] = useState('')
  const labelOf = (video: Video) => `${video.name} · ${day(video.created_at, language)}`
  // The chosen name stands in the field: it is not what is looked for.
  const [q] = useDebouncedValue(chosen && typed === labelOf(chosen) ? '' : typed, 250)
  const { data, error, refetch } = useVideoChoice(q)
  const found = data?.items ?? []
  const all = chosen && !found.some((one) => one.id === chosen.id) ? [chosen, ...found] : found
  if (error) return <ErrorNote error={error} again={() => refetch()} />
  return (
    <Select
      label={say('chooseVideo')}
      placeholder={say('chooseVideoHint')}
      searchable
      clearable
      maw={560}
      data={all.map((video) => ({ value: video.id, label: labelOf(video) }))}
      filter={({ options }) => options}
      nothingFoundMessage={say('noVideos')}
      searchValue={typed}
      onSearchChange={setTyped}
      value={chosen?.id ?? null}
      onChange={onChoose}
    />
  )
}
