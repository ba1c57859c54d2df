import { ActionIcon, Group, Menu, Portal, Text, VisuallyHidden } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconDots } from '@tabler/icons-react'
import { useQueries } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useText } from '@/state/text'
import type { Engine, Shown } from './engine'
import { FetchRow } from './FetchRow'
import { said } from './said'
import { fetchedOptions } from './server'
import classes from './Tray.module.css'
import { TEXT } from './text'
import { UploadRow } from './UploadRow'

/** Every upload of this browser and what became of it, in the corner of the page. */
export function Tray({ engine, shown }: { engine: Engine; shown: Shown }) {
  const say = useText(TEXT)
  const [isFolded, fold] = useState(false)
  const news = useNews(shown)
  const { queue, fetches } = shown
  const isFetched = useQueries({ queries: fetches.map(({ id }) => fetchedOptions(id)) }).map(
    ({ data }) => data?.state === 'done',
  )
  const count = queue.length + fetches.length
  const done = queue.filter(({ phase }) => phase === 'done').length + isFetched.filter(Boolean).length
  const clear = () => {
    engine.dispatch({ type: 'clear' })
    fetches.forEach(({ id }, index) => {
      if (isFetched[index]) engine.unfollow(id)
    })
  }
  const hasLeft = queue.some(({ phase }) => phase === 'fileless') && done === 0
  const title = hasLeft && done + fetches.length === 0 ? say('unfinished', { count }) : say('trayOf', { done, count })
  return (
    <Portal>
      {/* Is there before there is anything to say, or it would not be read out. */}
      <VisuallyHidden role="status" aria-live="polite">
        {news.map(({ key, fields }) => say(key, fields)).join('. ')}
      </VisuallyHidden>
      {count > 0 && (
        <section className={classes.tray} aria-label={say('tray')}>
          <Group className={classes.head} justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm" fw={650}>
              {title}
            </Text>
            <Group gap={2} wrap="nowrap">
              <Menu position="top-end" withinPortal>
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={say('more')}>
                    <IconDots size={18} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => engine.dispatch({ type: 'pauseAll' })}>{say('pauseAll')}</Menu.Item>
                  <Menu.Item onClick={() => engine.dispatch({ type: 'resumeAll' })}>{say('resumeAll')}</Menu.Item>
                  <Menu.Item onClick={clear} disabled={done === 0}>
                    {say('clear')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={say(isFolded ? 'unfold' : 'fold')}
                aria-expanded={!isFolded}
                onClick={() => fold(!isFolded)}
              >
                {isFolded ? <IconChevronUp size={18} /> : <IconChevronDown size={18} />}
              </ActionIcon>
            </Group>
          </Group>
          {!isFolded && (
            <ul className={classes.list}>
              {fetches.map((fetched) => (
                <FetchRow key={fetched.id} fetched={fetched} dismiss={() => engine.unfollow(fetched.id)} />
              ))}
              {queue.map((upload) => (
                <UploadRow key={upload.id} upload={upload} engine={engine} />
              ))}
            </ul>
          )}
        </section>
      )}
    </Portal>
  )
}

/** What changed since the last time something was worth saying aloud: beginnings and outcomes, never every percent. */
function useNews(shown: Shown) {
  const before = useRef(shown.queue)
  const [news, setNews] = useState<ReturnType<typeof said>>([])
  useEffect(() => {
    const found = said(before.current, shown.queue)
    before.current = shown.queue
    if (found.length > 0) setNews(found)
  }, [shown.queue])
  return news
}
