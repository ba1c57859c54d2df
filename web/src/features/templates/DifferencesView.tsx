import { Stack, Text } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { number } from '@/ui/format'
import { StateBadge } from '@/ui/StateBadge'
import classes from './Differences.module.css'
import type { CheckSide, Differences, ScoreSide } from './differences'
import { TEXT } from './text'
import { limitText } from './thresholds'

interface Shown {
  readonly found: Differences
  /** What it was judged by, and what it would be judged by. */
  readonly before: string
  readonly after: string
  readonly isBusy: boolean
}

/** Verdict or scores before and after, and every check that changes. */
export function DifferencesView({ found, before, after, isBusy }: Shown) {
  const say = useText(TEXT)
  const words = useWords()
  const { verdict, checks, same, scores } = found
  return (
    <Stack gap="md" className={classes.frame} data-busy={isBusy || undefined} aria-live="polite" aria-busy={isBusy}>
      {(verdict.before || verdict.after) && (
        <div className={`sl-card ${classes.verdict}`}>
          <Text size="sm" className="sl-quiet" mb={6}>
            {say('verdict')}
          </Text>
          <Turn from={<State state={verdict.before} size="lg" />} to={<State state={verdict.after} size="lg" />} />
          <Text size="sm" className="sl-quiet" mt={8}>
            {say('changeCount', { count: checks.filter((one) => one.isTurned).length })} ·{' '}
            {say('sameCount', { count: same })}
          </Text>
        </div>
      )}
      {scores.length > 0 && (
        <Rows before={before} after={after} title={say('scores')}>
          {scores.map((score) => (
            <tr key={`${score.part} ${score.id}`}>
              <th scope="row">
                {words(`score.${score.id}`, score.id)}
                {score.part && <span className={classes.limit}>{score.part}</span>}
              </th>
              <td>
                <Points side={score.before} />
              </td>
              <td>
                {score.isChanged ? <Points side={score.after} /> : <span className="sl-quiet">{say('asBefore')}</span>}
              </td>
            </tr>
          ))}
        </Rows>
      )}
      {checks.length > 0 && (
        <Rows before={before} after={after} title={say('checks')}>
          {checks.map((check) => (
            <tr key={check.id}>
              <th scope="row">
                {check.id} {words(`check.${check.id}.title`, check.id)}
              </th>
              <td>
                <Side side={check.before} />
              </td>
              <td>
                <Side side={check.after} />
              </td>
            </tr>
          ))}
        </Rows>
      )}
      {checks.length === 0 && scores.length === 0 && <Text size="sm">{say('nothingChanges')}</Text>}
    </Stack>
  )
}

function Rows({
  before,
  after,
  title,
  children,
}: {
  before: string
  after: string
  title: string
  children: ReactNode
}) {
  const say = useText(TEXT)
  return (
    <div className="sl-card">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">{say('judgedBy', { name: before })}</th>
            <th scope="col">{say('judgedNow', { name: after })}</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

function Turn({ from, to }: { from: ReactNode; to: ReactNode }) {
  const say = useText(TEXT)
  return (
    <span className={classes.turn}>
      {from}
      <IconArrowRight size={18} aria-label={say('becomes')} role="img" />
      {to}
    </span>
  )
}

function State({ state, size }: { state: string | null; size?: 'lg' }) {
  return state ? <StateBadge state={state} size={size} /> : <span>–</span>
}

function Side({ side }: { side: CheckSide | null }) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  if (!side) return <span className="sl-quiet">{say('notAsked')}</span>
  const unit = side.unit && side.unit !== 'share' ? ` ${words(`unit.${side.unit}`, side.unit)}` : ''
  const value = typeof side.value === 'number' ? `${number(side.value, language)}${unit}` : null
  return (
    <>
      <StateBadge state={side.state} />
      {side.threshold !== null && (
        <span className={classes.limit}>
          {say('limit')}: {limitText(side.threshold)}
          {value && ` · ${say('measured')}: ${value}`}
        </span>
      )}
    </>
  )
}

function Points({ side }: { side: ScoreSide | null }) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  if (!side) return <span className="sl-quiet">{say('notAsked')}</span>
  if (side.value === null) return <span className="sl-quiet">{words(`standing.${side.standing}`, side.standing)}</span>
  return (
    <>
      <strong>{number(side.value, language, 1)}</strong> / {number(side.most, language)}
      {side.band && <span className={classes.limit}>{words(`band.${side.band}`, side.band)}</span>}
    </>
  )
}
