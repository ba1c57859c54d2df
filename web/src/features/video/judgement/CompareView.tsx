import { ActionIcon, Button, Group, Text } from '@mantine/core'
import { IconArrowsLeftRight, IconX } from '@tabler/icons-react'
import type { Schemas } from '@/api/client'
import { judgementOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { moment } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import { useLook } from './bar/queries'
import classes from './compare/Compare.module.css'
import { ComparedChecks } from './compare/ComparedChecks'
import { ComparedEvents } from './compare/ComparedEvents'
import { ComparedScores } from './compare/ComparedScores'
import { TEXT } from './compare/text'
import { useShown } from './shown'
import { useTemplateTitle } from './titles'

type Detail = Schemas['AnalysisDetail']

interface Shows {
  video: Schemas['VideoView']
  a: Detail
  b: Detail
}

/** Two analyses of one video beside each other: what differs first. */
export function CompareView({ video, a, b }: Shows) {
  const say = useText(TEXT)
  const look = useLook()
  const names = { a: useTemplateTitle(a, a.template), b: useTemplateTitle(b, b.template) }
  // Two by one template are told apart by when they were asked for.
  const isAlike = names.a === names.b
  const [left, right] = [judgementOf(a), judgementOf(b)]
  return (
    <section className={classes.panel} aria-label={say('title')}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text component="h1" fz="lg" fw={650} lh={1.3}>
            {video.name}
          </Text>
          <Text size="sm" className="sl-quiet">
            {say('title')}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <ActionIcon
            variant="default"
            aria-label={say('swap')}
            title={say('swap')}
            onClick={() => look({ analysis: b.id, beside: a.id })}
          >
            <IconArrowsLeftRight size={16} />
          </ActionIcon>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => look({ beside: undefined })}
          >
            {say('stop')}
          </Button>
        </Group>
      </Group>
      <div className={classes.sides}>
        <Side side="a" analysis={a} name={names.a} />
        <Side side="b" analysis={b} name={names.b} />
      </div>
      {left && right ? (
        <>
          {(left.checks.length > 0 || right.checks.length > 0) && <ComparedChecks a={left} b={right} />}
          {((left.scores ?? []).length > 0 || (right.scores ?? []).length > 0) && <ComparedScores a={left} b={right} />}
          <ComparedEvents a={a} b={b} names={isAlike ? { a: 'A', b: 'B' } : names} />
        </>
      ) : (
        <Text size="sm" className="sl-quiet">
          {say('waiting')}
        </Text>
      )}
    </section>
  )
}

function Side({ side, analysis, name }: { side: 'a' | 'b'; analysis: Detail; name: string }) {
  const { language } = useShown()
  return (
    <div className={`sl-card ${classes.side}`} data-side={side}>
      <Group gap={6} wrap="nowrap" align="start">
        <span className={classes.letter}>{side.toUpperCase()}</span>
        <b>{name}</b>
      </Group>
      <span className="sl-quiet">{moment(analysis.created_at, language)}</span>
      <span>
        <StateBadge state={analysis.verdict ?? analysis.state} size={analysis.verdict ? 'lg' : 'sm'} />
      </span>
    </div>
  )
}
