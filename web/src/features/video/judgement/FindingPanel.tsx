import { ActionIcon, Button, CloseButton, CopyButton, Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight, IconLink, IconRosetteDiscountCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import { type Event, feedbackOf, type Judgement, waiversOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import { type Finding, usePlayback, usePlaybackState } from '../playback'
import { heldBy, isAt, momentLink, placeOf, stepsOf } from './around'
import classes from './Finding.module.css'
import { FindingFacts } from './FindingFacts'
import { KeptPicture } from './KeptPicture'
import { WaiveDialog } from './qc/WaiveDialog'
import { covers } from './qc/waivers'
import { useMayChange } from './rights'
import { useShown } from './shown'
import { TEXT } from './text'
import { kindName } from './values'

/** As many as the server gives at once. Steps go through the first of them; the lanes and the list have all. */
const MOST_EVENTS = 1000

interface Shows {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
}

/** What a person pointed at: value, limit, source, picture and why, and the ones before and after it. */
export function FindingPanel({ analysis, judgement }: Shows) {
  const finding = usePlaybackState((state) => state.finding)
  return finding ? <Shown analysis={analysis} judgement={judgement} finding={finding} /> : null
}

/** Events of a kind; those that no check holds are known to the server alone. */
function useEvents(analysisId: string, finding: Finding) {
  return useQuery({
    queryKey: ['analysis', analysisId, 'events', finding.id],
    queryFn: async () => {
      const answer = await asked(
        client.GET('/api/v1/analyses/{analysis_id}/events', {
          params: { path: { analysis_id: analysisId }, query: { kind: [finding.id], limit: MOST_EVENTS } },
        }),
      )
      return answer.items as unknown as readonly Event[]
    },
    enabled: finding.from === 'event',
    staleTime: 60_000,
  })
}

function Shown({ analysis, judgement, finding }: Shows & { finding: Finding }) {
  const say = useText(TEXT)
  const shown = useShown()
  const playback = usePlayback()
  const mayChange = useMayChange(analysis.workspace_id)
  const [isWaiving, waiving] = useDisclosure(false)
  const feedback = feedbackOf(analysis)
  const events = useEvents(analysis.id, finding)
  const held = heldBy(judgement, finding)
  const event = held[0]?.event ?? (events.data ?? []).find((one) => isAt(finding, one)) ?? null
  const steps =
    finding.from === 'event'
      ? (events.data ?? []).map((one) => ({
          from: 'event' as const,
          id: one.kind,
          span: { start: one.start_s, end: one.end_s } as Finding['span'],
        }))
      : stepsOf(judgement, feedback, finding)
  const place = placeOf(steps, finding)
  const go = (by: number) => {
    const to = steps[place + by]
    if (to) playback.show(to)
  }
  const open = held.find(({ check }) => check.state === 'fail' || check.state === 'warn')
  const isWaived = open
    ? waiversOf(analysis).some((one) => one.check === open.check.id && covers(one, open.event))
    : false
  const times = { start_s: finding.span.start, end_s: finding.span.end }
  const title = titleOf()
  const box = useRef<HTMLElement>(null)
  const { start, end } = finding.span
  // Who points at something elsewhere is shown it here; whoever reads the list below keeps his place in it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another finding is another reason to come into view
  useEffect(() => {
    const around = box.current?.parentElement
    if (around && !around.contains(document.activeElement)) box.current?.scrollIntoView({ block: 'nearest' })
  }, [finding.from, finding.id, start, end])

  function titleOf(): string {
    if (event) return kindName(event.kind, shown)
    if (finding.from === 'event') return kindName(finding.id, shown)
    if (finding.from === 'metric') return shown.word(`metric.${finding.id}.title`, finding.id.replaceAll('_', ' '))
    if (finding.from === 'check') return shown.word(`check.${finding.id}.title`, finding.id)
    return say(finding.from === 'word' ? 'said' : 'claim')
  }
  return (
    <section ref={box} className={`sl-card ${classes.finding}`} aria-label={say('finding')}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text component="h2" className={classes.title} aria-live="polite">
          {title}
        </Text>
        <Group gap={2} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say('previous')}
            disabled={place <= 0}
            onClick={() => go(-1)}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
          {place >= 0 && (
            <Text size="xs" className={`sl-quiet ${classes.place}`}>
              {place + 1}/{steps.length}
            </Text>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say('next')}
            disabled={place < 0 || place >= steps.length - 1}
            onClick={() => go(1)}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
          <CloseButton aria-label={say('close')} onClick={() => playback.show(null)} />
        </Group>
      </Group>
      <div className={classes.columns}>
        <KeptPicture analysisId={analysis.id} span={times} />
        <FindingFacts
          finding={finding}
          judgement={judgement}
          feedback={feedback}
          held={held}
          event={event}
          isLoading={events.isLoading}
        />
      </div>
      <Group gap="xs">
        {mayChange && open && !isWaived && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconRosetteDiscountCheck size={14} aria-hidden />}
            onClick={waiving.open}
          >
            {say('waive')}
          </Button>
        )}
        {isWaived && (
          <Text size="xs" className="sl-quiet">
            {say('waived')}
          </Text>
        )}
        <CopyButton value={momentLink(window.location.href, finding.span.start)}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconLink size={14} aria-hidden />}
              onClick={copy}
              aria-live="polite"
            >
              {say(copied ? 'copied' : 'copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      {isWaiving && open && (
        <WaiveDialog
          analysis={analysis}
          check={open.check.id}
          title={`${title} · ${clock(open.event.start_s, 2)}`}
          event={open.event}
          onClose={waiving.close}
        />
      )}
    </section>
  )
}
