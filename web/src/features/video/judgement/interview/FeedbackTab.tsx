import { Stack, Text } from '@mantine/core'
import type { Claim, Feedback, Judgement, Times } from '@/api/judgement'
import { useText } from '@/state/text'
import { clock, number } from '@/ui/format'
import { usePlayback } from '../../playback'
import { citationOf, spanOf } from '../around'
import { useShown } from '../shown'
import { countedWords } from './citing'
import classes from './Interview.module.css'
import { TEXT } from './text'

const TOPICS = ['summary', 'strength', 'practise', 'advice', 'answer'] as const
const MOST_MOMENTS = 6

interface Shows {
  feedback: Feedback | null
  judgement: Judgement
  onMetric: (id: string) => void
}

/** What is said to the person: every sentence with the metrics and moments it rests on, and who wrote it. */
export function FeedbackTab({ feedback, judgement, onMetric }: Shows) {
  const say = useText(TEXT)
  const { word, language } = useShown()
  if (!feedback)
    return (
      <Text size="sm" className="sl-quiet">
        {say('noFeedback')}
      </Text>
    )
  const note = feedback.note?.text?.[language]
  return (
    <Stack gap="md">
      <Text size="xs" className="sl-quiet">
        {feedback.source === 'model'
          ? say('byModel', { model: feedback.model ?? '–', provider: feedback.provider ?? '–' })
          : say('byTemplates')}
        {note && ` ${note}`}
        {feedback.rejected > 0 && ` ${say('rejected', { count: feedback.rejected })}`}
        {feedback.source === 'model' && feedback.prompt && ` ${say('prompt', { prompt: feedback.prompt })}`}
      </Text>
      {TOPICS.map((topic) => {
        const claims = feedback.claims
          .map((claim, index) => ({ claim, index }))
          .filter(({ claim }) => claim.topic === topic)
        if (!claims.length) return null
        return (
          <section key={topic}>
            <h3 className={classes.groupHead}>{word(`topic.${topic}`, topic)}</h3>
            <ul className={`sl-card ${classes.claims}`} lang={feedback.language}>
              {claims.map(({ claim, index }) => (
                <ClaimRow
                  key={`${index} ${claim.text}`}
                  claim={claim}
                  index={index}
                  judgement={judgement}
                  onMetric={onMetric}
                />
              ))}
            </ul>
          </section>
        )
      })}
      {!feedback.claims.length && (
        <Text size="sm" className="sl-quiet">
          {say('noClaims')}
        </Text>
      )}
      {feedback.categories.length > 0 && (
        <section>
          <h3 className={classes.groupHead}>{say('topics')}</h3>
          <ul className={`sl-card ${classes.claims}`}>
            {feedback.categories.map((category) => (
              <li key={category.id}>
                <div className={classes.termHead}>
                  <b>{category.title}</b>
                  <span className={classes.numbers}>
                    {say('ofHundred', { value: number(category.score, language, 0) })}
                  </span>
                </div>
                <div className={classes.meter} aria-hidden>
                  <span style={{ width: `${Math.min(100, category.score)}%` }} />
                </div>
                {category.words.length > 0 && (
                  <div className={classes.numbers}>{countedWords(category.words).join(', ')}</div>
                )}
                <Moments spans={category.spans} onGo={null} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  )
}

interface Row {
  claim: Claim
  index: number
  judgement: Judgement
  onMetric: (id: string) => void
}

function ClaimRow({ claim, index, judgement, onMetric }: Row) {
  const say = useText(TEXT)
  const { word } = useShown()
  const playback = usePlayback()
  const to = citationOf(judgement, claim, index)
  const whole = claim.spans.length === 1 && claim.spans[0]?.start_s === 0
  return (
    <li>
      {to && !whole ? (
        <button type="button" className={classes.sentence} onClick={() => playback.show(to)}>
          {claim.text}
        </button>
      ) : (
        <span>{claim.text}</span>
      )}
      <div className={classes.cites}>
        {claim.metrics.length > 0 && <span className="sl-quiet">{say('restsOn')}</span>}
        {claim.metrics.map((id) => {
          const metric = word(`metric.${id}.title`, id.replaceAll('_', ' '))
          return (
            <button
              key={id}
              type="button"
              className={classes.cite}
              aria-label={say('goToMetric', { metric })}
              onClick={() => onMetric(id)}
            >
              {metric}
            </button>
          )
        })}
        {!whole && (
          <Moments
            spans={claim.spans}
            onGo={(span) => playback.show({ from: 'claim', id: String(index), span: spanOf(span) })}
          />
        )}
      </div>
    </li>
  )
}

/** Times to go to. */
export function Moments({ spans, onGo }: { spans: readonly Times[]; onGo: ((span: Times) => void) | null }) {
  const say = useText(TEXT)
  const playback = usePlayback()
  return (
    <span className={classes.cites}>
      {spans.slice(0, MOST_MOMENTS).map((span) => (
        <button
          key={`${span.start} ${span.end}`}
          type="button"
          className={classes.time}
          aria-label={say('moment', { time: clock(span.start_s, 1) })}
          onClick={() => (onGo ? onGo(span) : playback.seek(spanOf(span).start))}
        >
          {clock(span.start_s, 1)}
        </button>
      ))}
      {spans.length > MOST_MOMENTS && <span className="sl-quiet">+{spans.length - MOST_MOMENTS}</span>}
    </span>
  )
}
