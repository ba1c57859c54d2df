import { ActionIcon, Button, CloseButton, Group, Loader, Text, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconCurrentLocation, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Schemas } from '@/api/client'
import { seconds } from '@/state/seconds'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { usePlayback, usePlaybackState } from '../../playback'
import { useShown } from '../shown'
import classes from './Transcript.module.css'
import { TranscriptLine } from './TranscriptLine'
import { TEXT } from './text'
import { hitsOf, lineAt, lineOfWord, linesOf, type Word, wordAt } from './transcript'
import { transcriptOf } from './words'

const NO_WORDS: readonly Word[] = []
const LINE_PX = 56

/** What was said; the line under the playhead stays in view until somebody scrolls, and a click on a word goes there. */
export function Transcript({ analysis }: { analysis: Schemas['AnalysisDetail'] }) {
  const say = useText(TEXT)
  const { language } = useShown()
  const { data, error, isLoading, refetch } = useQuery(transcriptOf(analysis))
  if (error) return <ErrorNote error={error} again={() => void refetch()} />
  if (isLoading)
    return (
      <Text size="sm" className="sl-quiet">
        <Loader size={12} mr={6} />
        {say('loading')}
      </Text>
    )
  if (!data?.items.length)
    return (
      <Text size="sm" className="sl-quiet">
        {say('noWords')} {told(data?.reason, language)}
      </Text>
    )
  return <Said words={data.items} language={data.language} />
}

function Said({ words = NO_WORDS, language }: { words: readonly Word[]; language: string | null }) {
  const say = useText(TEXT)
  const playback = usePlayback()
  const lines = useMemo(() => linesOf(words), [words])
  const hasVoices = useMemo(() => new Set(lines.map((one) => one.speaker)).size > 1, [lines])
  const [search, setSearch] = useState('')
  const [hit, setHit] = useState(0)
  const [isFollowing, setFollowing] = useState(true)
  const hits = useMemo(() => hitsOf(words, search), [words, search])
  const marked = useMemo(() => {
    const found = new Set<number>()
    for (const { first, last } of hits) for (let at = first; at < last; at += 1) found.add(at)
    return found
  }, [hits])
  const line = usePlaybackState((state) => lineAt(lines, state.time))
  const word = usePlaybackState((state) => wordAt(words, state.time))
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 8,
  })
  useEffect(() => {
    if (isFollowing && line >= 0) rows.scrollToIndex(line, { align: 'center' })
  }, [isFollowing, line, rows])
  const stop = () => setFollowing(false)
  const go = (index: number) => {
    const found = words[index]
    if (found) playback.seek(seconds(found.start_s))
  }
  const toHit = (number: number) => {
    if (!hits.length) return
    const at = (number + hits.length) % hits.length
    const first = hits[at]?.first ?? 0
    setHit(at)
    go(first)
    rows.scrollToIndex(lineOfWord(lines, first), { align: 'center' })
  }
  return (
    <div>
      <Group gap="xs" wrap="nowrap" mb="xs">
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          aria-label={say('search')}
          placeholder={say('search')}
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            search ? <CloseButton size="xs" aria-label={say('clear')} onClick={() => setSearch('')} /> : null
          }
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
            setHit(0)
            stop()
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            toHit(
              event.shiftKey ? hit - 1 : hit + (playback.state.time === words[hits[hit]?.first ?? -1]?.start_s ? 1 : 0),
            )
          }}
        />
        {search.trim() && (
          <>
            <Text size="xs" className="sl-quiet" role="status" style={{ whiteSpace: 'nowrap' }}>
              {hits.length ? say('hits', { number: hit + 1, count: hits.length }) : say('noHits')}
            </Text>
            <ActionIcon
              variant="default"
              aria-label={say('earlier')}
              disabled={!hits.length}
              onClick={() => toHit(hit - 1)}
            >
              <IconArrowUp size={14} />
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={say('later')}
              disabled={!hits.length}
              onClick={() => toHit(hit + 1)}
            >
              <IconArrowDown size={14} />
            </ActionIcon>
          </>
        )}
      </Group>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only listens whether somebody scrolls */}
      <div
        ref={box}
        className={`sl-card ${classes.box}`}
        lang={language ?? undefined}
        onWheel={stop}
        onTouchMove={stop}
        onKeyDown={(event) =>
          ['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown'].includes(event.key) && stop()
        }
        onPointerDown={(event) => event.target === event.currentTarget && stop()}
      >
        <ol className={classes.lines} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const one = lines[row.index]
            if (!one) return null
            const isNow = row.index === line
            return (
              <li
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className={classes.place}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <TranscriptLine
                  line={one}
                  words={words}
                  isNow={isNow}
                  now={isNow ? word : -1}
                  marked={marked}
                  isNewVoice={hasVoices && one.speaker !== lines[row.index - 1]?.speaker}
                  onGo={go}
                />
              </li>
            )
          })}
        </ol>
      </div>
      <Group justify="space-between" mt={6} gap="xs">
        <Text size="xs" className="sl-quiet">
          {say('legend')} <span className={classes.filler}>{say('filler')}</span> ·{' '}
          <span className={classes.unsure}>{say('unsure')}</span>
        </Text>
        {!isFollowing && (
          <Button
            size="compact-xs"
            variant="light"
            leftSection={<IconCurrentLocation size={14} aria-hidden />}
            onClick={() => setFollowing(true)}
          >
            {say('follow')}
          </Button>
        )}
      </Group>
    </div>
  )
}
