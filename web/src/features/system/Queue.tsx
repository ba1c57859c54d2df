import { Skeleton, Text } from '@mantine/core'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { Card } from '@/ui/Card'
import { lasting, number } from '@/ui/format'
import classes from './Overview.module.css'
import { processesOf } from './Processes'
import type { System } from './queries'
import { TEXT } from './text'

const STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
const COUNTS = ['retried', 'lost', 'put_back'] as const

/** Jobs by state, and who hands them out. */
export function Queue({ state }: { state: System | undefined }) {
  const say = useText(TEXT)
  const language = useLanguage()
  if (!state)
    return (
      <Card title={say('queue')}>
        <Skeleton height={120} />
      </Card>
    )
  const { queue } = state
  const counts = (state.dispatcher.counts ?? {}) as Partial<Record<string, number>>
  const dispatchers = processesOf(state).filter((process) => process.is_dispatcher)
  return (
    <Card title={say('queue')}>
      {queue ? (
        <dl className={classes.numbers}>
          {STATES.map((name) => (
            <div key={name}>
              <dt>{say(name)}</dt>
              <dd>{number(queue.jobs[name] ?? 0, language, 0)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <Text size="sm">{say('noDatabase')}</Text>
      )}
      <dl className={classes.facts}>
        <dt>{say('oldest')}</dt>
        <dd>{queue && queue.oldest_due_s > 0 ? lasting(queue.oldest_due_s, language) : say('nobodyWaits')}</dd>
        <dt>{say('dispatcher')}</dt>
        <dd>
          {dispatchers.length > 0
            ? dispatchers.map((each) => `${each.host} (${each.pid})`).join(', ')
            : say('noDispatcher')}
          {queue?.dispatcher_age_s != null && (
            <Text span size="sm" className="sl-quiet">
              {' '}
              {say('heardAgo', { span: lasting(queue.dispatcher_age_s, language) })}
            </Text>
          )}
        </dd>
        {COUNTS.map((name) => (
          <Count key={name} label={say(name)} value={number(counts[name] ?? 0, language, 0)} />
        ))}
      </dl>
    </Card>
  )
}

function Count({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  )
}
