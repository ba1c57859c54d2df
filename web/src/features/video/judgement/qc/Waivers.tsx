import { Button, Group, Stack, Text } from '@mantine/core'
import type { Schemas } from '@/api/client'
import { type Waiver, waiversOf } from '@/api/judgement'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { day } from '@/ui/format'
import { useJudge } from '../judging'
import { TEXT } from './text'
import { isExpired, withoutWaiver } from './waivers'

interface Shows {
  analysis: Schemas['AnalysisDetail']
  /** Of one check. */
  waivers: readonly Waiver[]
  mayChange: boolean
}

/** Who accepted what of a check, and why; whoever may change it can take it back. */
export function Waivers({ analysis, waivers, mayChange }: Shows) {
  const say = useText(TEXT)
  const language = useLanguage()
  const judge = useJudge(analysis.id)
  const today = new Date().toISOString().slice(0, 10)
  return (
    <Stack gap={6}>
      {waivers.map((waiver) => (
        <Group
          key={`${waiver.who} ${waiver.start ?? ''} ${waiver.end ?? ''} ${waiver.why}`}
          justify="space-between"
          align="start"
          gap="xs"
        >
          <div style={{ flex: '1 1 12rem', minWidth: 0 }}>
            <Text size="sm" fw={600}>
              {say('waivedBy', { who: waiver.who })}
            </Text>
            <Text size="sm">{waiver.why}</Text>
            <Text size="xs" className="sl-quiet">
              {waiver.start === undefined && waiver.end === undefined
                ? say('whole')
                : say('from', { start: waiver.start ?? '0', end: waiver.end ?? '…' })}
              {waiver.expires &&
                ` · ${say(isExpired(waiver, today) ? 'expired' : 'expires', { day: day(waiver.expires, language) })}`}
            </Text>
          </div>
          {mayChange && (
            <Button
              size="compact-xs"
              variant="default"
              loading={judge.isPending}
              aria-label={say('takeBackOf', { who: waiver.who })}
              onClick={() => judge.mutate({ waivers: withoutWaiver(waiversOf(analysis), waiver) })}
            >
              {say('takeBack')}
            </Button>
          )}
        </Group>
      ))}
      {judge.error && <ErrorNote error={judge.error} />}
    </Stack>
  )
}
