import { Portal, Text } from '@mantine/core'
import { IconEyeOff, IconLink, IconUpload } from '@tabler/icons-react'
import { useWorkspace } from '@/state/session'
import { useText } from '@/state/text'
import classes from './Overlay.module.css'
import { TEXT } from './text'

/** Says what a drop would do, while something is held over the page. */
export default function Overlay({ what, mayAdd }: { what: 'files' | 'link'; mayAdd: boolean }) {
  const say = useText(TEXT)
  const workspace = useWorkspace()
  const Icon = !mayAdd ? IconEyeOff : what === 'link' ? IconLink : IconUpload
  const title = !mayAdd
    ? say('dropNot')
    : what === 'link'
      ? say('dropLink')
      : say('drop', { workspace: workspace?.name ?? '' })
  return (
    <Portal>
      <div className={classes.overlay} data-allowed={mayAdd}>
        <div className={classes.card} role="status">
          <Icon size={44} stroke={1.4} aria-hidden />
          <Text fw={650} size="lg">
            {title}
          </Text>
          <Text size="sm" className="sl-quiet">
            {mayAdd ? say('dropWhat') : say('dropNotWhy')}
          </Text>
        </div>
      </div>
    </Portal>
  )
}
