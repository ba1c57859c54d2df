import { Menu } from '@mantine/core'
import {
  IconDownload,
  IconExternalLink,
  IconLink,
  IconPencil,
  IconPlayerPlay,
  IconTag,
  IconTrash,
} from '@tabler/icons-react'
import { address } from '@/api/client'
import type { Asking } from './Actions'
import type { Video } from './api'
import classes from './saved.module.css'
import { hrefOf, useShown } from './shown'

interface MenuOf {
  video: Video | null
  at: DOMRect | null
  mayEdit: boolean
  onAsk: (asking: Asking) => void
  onClose: () => void
}

/** What can be done with one video. One menu for the whole list stands where it was asked for. */
export function VideoMenu({ video, at, mayEdit, onAsk, onClose }: MenuOf) {
  const { say, go } = useShown()
  const mine = video ? new Map([[video.id, video.name]]) : new Map<string, string>()
  return (
    <Menu
      opened={video !== null}
      onChange={(isOpen) => !isOpen && onClose()}
      position="bottom-end"
      shadow="md"
      width={190}
      trapFocus
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{
            position: 'fixed', pointerEvents: 'none',
            top: at?.top ?? 0, left: at?.left ?? 0, width: at?.width ?? 0, height: Math.min(at?.height ?? 0, 40),
          }} // biome-ignore format: one place
        />
      </Menu.Target>
      {video && (
        <Menu.Dropdown>
          <Menu.Item data-autofocus leftSection={<IconExternalLink size={16} />} onClick={() => go(video.id)}>
            {say('open')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLink size={16} />}
            onClick={() => void navigator.clipboard?.writeText(new URL(hrefOf(video.id), window.location.href).href)}
          >
            {say('copyLink')}
          </Menu.Item>
          {!video.media_removed_at && (
            <Menu.Item
              component="a"
              href={address(`/videos/${video.id}/media`, { download: true })}
              leftSection={<IconDownload size={16} />}
            >
              {say('download')}
            </Menu.Item>
          )}
          {mayEdit && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconPlayerPlay size={16} />}
                onClick={() => onAsk({ what: 'analyse', of: mine })}
              >
                {say('analyse')}
              </Menu.Item>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAsk({ what: 'rename', video })}>
                {say('rename')}
              </Menu.Item>
              <Menu.Item leftSection={<IconTag size={16} />} onClick={() => onAsk({ what: 'tags', video })}>
                {say('editTags')}
              </Menu.Item>
              <Menu.Item
                className={classes.dangerous}
                leftSection={<IconTrash size={16} />}
                onClick={() => onAsk({ what: 'remove', of: mine })}
              >
                {say('remove')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      )}
    </Menu>
  )
}
