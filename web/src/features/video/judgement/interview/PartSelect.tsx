import { ActionIcon, Group, Select } from '@mantine/core'
import { IconPlayerTrackNext } from '@tabler/icons-react'
import type { Judgement } from '@/api/judgement'
import { seconds } from '@/state/seconds'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import { usePlayback } from '../../playback'
import { TEXT } from './text'

const WHOLE = ' '

interface Asked {
  judgement: Judgement
  part: string | null
  onChange: (to: string | null) => void
}

/** Which answer is looked at; nothing where the recording was not divided. */
export function PartSelect({ judgement, part, onChange }: Asked) {
  const say = useText(TEXT)
  const playback = usePlayback()
  const parts = judgement.parts ?? []
  if (!parts.length) return null
  const chosen = parts.find((one) => one.id === part)
  return (
    <Group gap="xs" align="end" wrap="nowrap" mb="sm">
      <Select
        size="xs"
        label={say('part')}
        style={{ flex: 1 }}
        data={[
          { value: WHOLE, label: say('whole') },
          ...parts.map((one, number) => ({ value: one.id, label: `${number + 1}. ${one.title}` })),
        ]}
        value={part ?? WHOLE}
        allowDeselect={false}
        onChange={(to) => onChange(to === WHOLE ? null : to)}
      />
      {chosen && (
        <ActionIcon
          size={30}
          variant="default"
          aria-label={say('goToPart', { time: clock(chosen.start_s) })}
          title={say('goToPart', { time: clock(chosen.start_s) })}
          onClick={() => playback.seek(seconds(chosen.start_s))}
        >
          <IconPlayerTrackNext size={16} />
        </ActionIcon>
      )}
    </Group>
  )
}
