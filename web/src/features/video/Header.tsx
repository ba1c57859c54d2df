import { Group, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { isShare } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { bytes, clock, number } from '@/ui/format'
import type { Video } from './data/evidence'
import { Tags } from './Tags'
import { TEXT } from './text'
import classes from './Viewer.module.css'

/** Which video this is: its name, what its file is like, its tags. */
export function Header({ video, children }: { video: Video; children?: ReactNode }) {
  const say = useText(TEXT)
  const language = useLanguage()
  useEffect(() => {
    document.title = `${video.name} · Sightline`
  }, [video.name])
  const facts = [
    video.width && video.height ? `${video.width}×${video.height}` : say('soundOnly'),
    video.rate ? say('perSecond', { rate: number(video.rate, language, 3) }) : null,
    video.codec,
    video.duration_s === null ? null : clock(video.duration_s, 1),
    bytes(video.size_bytes, language),
  ].filter((fact) => fact !== null)
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap" className={classes.titles}>
        {!isShare() && (
          <Link to="/" className={classes.back} aria-label={say('back')}>
            <IconArrowLeft size={18} aria-hidden />
          </Link>
        )}
        <Title order={1} className={classes.name} title={video.name}>
          {video.name}
        </Title>
        <Text size="xs" className={`sl-quiet ${classes.facts}`}>
          {facts.join(' · ')}
        </Text>
        <Tags video={video} />
      </Group>
      <div className={classes.bar}>{children}</div>
    </header>
  )
}
