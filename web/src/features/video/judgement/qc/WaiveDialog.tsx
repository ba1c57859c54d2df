import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { type Event, waiversOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { useJudge } from '../judging'
import { useSignature } from '../rights'
import { TEXT } from './text'
import { waiverOf, withWaiver } from './waivers'

interface Asked {
  analysis: Schemas['AnalysisDetail']
  check: string
  title: string
  /** The one finding it is about; null: all of the check. */
  event: Event | null
  onClose: () => void
}

/** Accepts a finding: by whom and why has to be said. */
export function WaiveDialog({ analysis, check, title, event, onClose }: Asked) {
  const say = useText(TEXT)
  const [who, setWho] = useState(useSignature())
  const [why, setWhy] = useState('')
  const [expires, setExpires] = useState('')
  const [wasTried, setTried] = useState(false)
  const judge = useJudge(analysis.id)
  const save = () => {
    setTried(true)
    if (!who.trim() || !why.trim()) return
    const made = waiverOf({ check, who, why, expires, event })
    judge.mutate({ waivers: withWaiver(waiversOf(analysis), made) }, { onSuccess: onClose })
  }
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault()
          save()
        }}
      >
        <Stack gap="sm">
          <Text size="sm" className="sl-quiet">
            {say('waiveMeans')}
          </Text>
          <TextInput
            label={say('who')}
            withAsterisk
            maxLength={200}
            value={who}
            error={wasTried && !who.trim() && say('missing')}
            onChange={(changed) => setWho(changed.currentTarget.value)}
          />
          <Textarea
            label={say('reason')}
            placeholder={say('reasonHint')}
            withAsterisk
            autosize
            minRows={2}
            maxLength={2000}
            data-autofocus
            value={why}
            error={wasTried && !why.trim() && say('missing')}
            onChange={(changed) => setWhy(changed.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={say('until')}
            description={say('untilHint')}
            value={expires}
            onChange={(changed) => setExpires(changed.currentTarget.value)}
          />
          {judge.error && <ErrorNote error={judge.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={judge.isPending}>
              {say('saveWaiver')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
