import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import { asked, client, type Schemas } from '@/api/client'
import type { Judgement } from '@/api/judgement'
import { isByLink } from '@/state/actors'
import { useText } from '@/state/text'
import { day, moment } from '@/ui/format'
import { useMayChange, useMayContest } from '../rights'
import { useShown } from '../shown'
import { numberText } from '../values'
import classes from './Interview.module.css'
import { notesOf, partTitle } from './notes'
import { ReviewDialog } from './ReviewDialog'
import { type Action, actionsAfter } from './review'
import { TEXT } from './textReview'

interface Shows {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
}

const MEANS = ['open', 'reviewed', 'overridden', 'contested', 'resolved'] as const

/** What people make of the scores, and under which conditions the person was measured. */
export function ReviewTab({ analysis, judgement }: Shows) {
  const say = useText(TEXT)
  const shown = useShown()
  const { word, language } = shown
  const mayChange = useMayChange(analysis.workspace_id)
  const mayContest = useMayContest(analysis.workspace_id)
  const [action, setAction] = useState<Action | null>(null)
  const review = analysis.review
  const state = MEANS.find((one) => one === review?.state) ?? 'open'
  const actions = review ? actionsAfter(review.state, { change: mayChange, contest: mayContest }) : []
  return (
    <Stack gap="md">
      {review && (
        <section>
          <h3 className={classes.groupHead}>{say('title')}</h3>
          <Alert color={state === 'contested' ? 'red' : state === 'open' ? 'gray' : 'tide'} variant="light" py="xs">
            {say(state)}
          </Alert>
          {actions.length > 0 && (
            <Group gap="xs" mt="xs">
              {actions.map((one) => (
                <Button
                  key={one}
                  size="compact-sm"
                  variant={one === 'resolve' || (one === 'review' && state === 'open') ? 'filled' : 'default'}
                  onClick={() => setAction(one)}
                >
                  {say(one)}
                </Button>
              ))}
            </Group>
          )}
        </section>
      )}
      {review && review.overrides.length > 0 && (
        <section>
          <h3 className={classes.groupHead}>{say('overrides')}</h3>
          <ul className={`sl-card ${classes.claims}`}>
            {review.overrides.map((one) => (
              <li key={`${one.part} ${one.score}`}>
                <div className={classes.termHead}>
                  <b>
                    {word(`score.${one.score}`, one.score)}{' '}
                    <span className={classes.numbers}>{partTitle(judgement, one.part) ?? say('whole')}</span>
                  </b>
                  <span>
                    <b>{numberText(one.value)}</b>{' '}
                    <span className={classes.numbers}>
                      {one.machine === null ? say('machineNone') : say('machine', { value: numberText(one.machine) })} ·{' '}
                      {say('ofRevision', { revision: one.revision })}
                    </span>
                  </span>
                </div>
                <div>{one.reason}</div>
                <div className={classes.numbers}>
                  {one.who}, {moment(one.at, language)}
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {review && (
        <section>
          <h3 className={classes.groupHead}>{say('history')}</h3>
          {review.steps.length === 0 ? (
            <Text size="sm" className="sl-quiet">
              {say('noHistory')}
            </Text>
          ) : (
            <ol className={`sl-card ${classes.claims}`}>
              {review.steps.toReversed().map((step) => (
                <li key={`${step.at} ${step.action} ${step.who} ${step.text}`}>
                  <div>
                    <b>{word(`action.${step.action}`, step.action)}</b>{' '}
                    <span className={classes.numbers}>
                      {isByLink(step.who) ? say('byLink') : step.who}, {moment(step.at, language)}
                    </span>
                  </div>
                  {step.text && <div>{step.text}</div>}
                </li>
              ))}
            </ol>
          )}
        </section>
      )}
      <section>
        <h3 className={classes.groupHead}>{say('conditions')}</h3>
        <dl className={`sl-card ${classes.facts} ${classes.conditions}`}>
          {notesOf(judgement, shown).map(([name, text]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </Fragment>
          ))}
          {analysis.consent_id && (
            <>
              <dt>{say('consent')}</dt>
              <dd>
                <Consent id={analysis.consent_id} mayRead={mayChange} />
              </dd>
            </>
          )}
        </dl>
      </section>
      {action && (
        <ReviewDialog analysis={analysis} judgement={judgement} action={action} onClose={() => setAction(null)} />
      )}
    </Stack>
  )
}

function Consent({ id, mayRead }: { id: string; mayRead: boolean }) {
  const say = useText(TEXT)
  const { language } = useShown()
  const { data } = useQuery({
    queryKey: ['consents', 'one', id],
    queryFn: () => asked(client.GET('/api/v1/consents/{consent_id}', { params: { path: { consent_id: id } } })),
    enabled: mayRead,
  })
  if (!data) return say('consentKept')
  return (
    <>
      {say('consentOf', { subject: data.subject, day: day(data.given_at, language), purpose: data.purpose })}
      {data.withdrawn_at && <b> · {say('withdrawn', { day: day(data.withdrawn_at, language) })}</b>}
    </>
  )
}
