import { Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { asked, client, isShare, type Schemas } from '@/api/client'
import type { Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { useRefresh } from '../judging'
import { useShown } from '../shown'
import { numberText } from '../values'
import { partTitle } from './notes'
import { type Action, missingOf, scoreKey, stepOf } from './review'
import { TEXT } from './textReview'

interface Asked {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
  action: Action
  onClose: () => void
}

/** One step of the review: what was done, by what reason, and with which score. */
export function ReviewDialog({ analysis, judgement, action, onClose }: Asked) {
  const say = useText(TEXT)
  const { word } = useShown()
  const refresh = useRefresh()
  const [text, setText] = useState('')
  const [score, setScore] = useState<string | null>(null)
  const [value, setValue] = useState<number | null>(null)
  const [wasTried, setTried] = useState(false)
  const scores = judgement.scores ?? []
  const chosen = scores.find((one) => scoreKey(one) === score)
  const said = { action, text, score, value }
  const missing = missingOf(said, chosen?.most ?? null)
  const params = { path: { analysis_id: analysis.id } }
  const step = useMutation({
    mutationFn: () =>
      asked(
        action === 'contest'
          ? client.POST('/api/v1/analyses/{analysis_id}/contest', { params, body: { text: text.trim() } })
          : client.POST('/api/v1/analyses/{analysis_id}/review', { params, body: stepOf(said, judgement) }),
      ),
    onSuccess: async () => {
      await refresh()
      onClose()
    },
  })
  const mayScore = action === 'override' || action === 'resolve'
  return (
    <Modal opened onClose={onClose} title={say(`${action}Title`)} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (!missing.size) step.mutate()
        }}
      >
        <Stack gap="sm">
          <Text size="sm" className="sl-quiet">
            {say(action === 'contest' && isShare() ? 'contestByLink' : `${action}Why`)}
          </Text>
          {mayScore && (
            <>
              <Select
                label={say('which')}
                placeholder={action === 'resolve' ? say('none') : undefined}
                clearable={action === 'resolve'}
                withAsterisk={action === 'override'}
                data={scores.map((one) => ({
                  value: scoreKey(one),
                  label: [
                    word(`score.${one.id}`, one.id),
                    partTitle(judgement, one.part),
                    one.value === null ? null : `${numberText(Math.round(one.value * 10) / 10)} / ${one.most}`,
                  ]
                    .filter(Boolean)
                    .join(' · '),
                }))}
                value={score}
                error={wasTried && missing.has('score') && say('needed')}
                onChange={(to) => {
                  setScore(to)
                  const known = scores.find((one) => scoreKey(one) === to)
                  setValue(known?.value == null ? null : Math.round(known.value))
                }}
              />
              {chosen && (
                <NumberInput
                  label={say('value', { most: chosen.most })}
                  withAsterisk
                  min={0}
                  max={chosen.most}
                  value={value ?? ''}
                  error={wasTried && missing.has('value') && say('range', { most: chosen.most })}
                  onChange={(to) => setValue(typeof to === 'number' ? to : null)}
                />
              )}
            </>
          )}
          <Textarea
            label={say(action === 'review' ? 'note' : 'reason')}
            withAsterisk={action !== 'review'}
            autosize
            minRows={2}
            maxLength={5000}
            data-autofocus
            value={text}
            error={wasTried && missing.has('text') && say('needed')}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {step.error && <ErrorNote error={step.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button type="submit" loading={step.isPending}>
              {say('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
