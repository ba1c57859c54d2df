import { Button, Loader, SegmentedControl, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { isByLink } from '@/state/actors'
import { useLanguage } from '@/state/language'
import { useMayEdit } from '@/state/session'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { ago, number } from '@/ui/format'
import classes from './People.module.css'
import { type Listed, type ReviewState, useReviews } from './queries'
import { TEXT } from './text'

const STATES = ['contested', 'open', 'reviewed', 'overridden', 'resolved'] as const
const LABELS = {
  contested: 'contested',
  open: 'openReviews',
  reviewed: 'reviewed',
  overridden: 'overridden',
  resolved: 'resolved',
} as const
const NONE = {
  contested: 'noneContested',
  open: 'noneOpen',
  reviewed: 'noneHere',
  overridden: 'noneHere',
  resolved: 'noneHere',
} as const

/** Scores that wait for a person, what is disputed first. */
export function Reviews() {
  const say = useText(TEXT)
  const language = useLanguage()
  const [chosen, choose] = useState<ReviewState | null>(null)
  const contested = useReviews('contested')
  const counts = contested.data?.pages[0]?.counts
  // Where nothing is disputed, what nobody has looked at is what waits.
  const state = chosen ?? (counts && counts.contested === 0 ? 'open' : 'contested')
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useReviews(state)
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Stack>
      <Text size="sm" className="sl-quiet" maw={760}>
        {say('reviewsWhy')}
      </Text>
      <div style={{ overflowX: 'auto' }}>
        <SegmentedControl
          aria-label={say('which')}
          value={state}
          onChange={(to) => choose(to as ReviewState)}
          data={STATES.map((one) => ({
            value: one,
            label: counts ? `${say(LABELS[one])} ${number(counts[one] ?? 0, language)}` : say(LABELS[one]),
          }))}
        />
      </div>
      {error && <ErrorNote error={error} again={() => refetch()} />}
      {!data && !error && <Loader size="sm" type="dots" />}
      {data && rows.length === 0 && <div className={classes.empty}>{say(NONE[state])}</div>}
      {rows.length > 0 && (
        <div className="sl-card">
          <table className={classes.table}>
            <tbody>
              {rows.map((row) => (
                <Row key={row.analysis.id} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          {say('more')}
        </Button>
      )}
    </Stack>
  )
}

function Row({ row: { analysis, video_name, review } }: { row: Listed }) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  const mayEdit = useMayEdit()
  const last = review.steps.at(-1)
  const policy = typeof analysis.options.policy === 'string' ? analysis.options.policy : null
  const waits = review.state === 'contested' || review.state === 'open'
  const scored = analysis.scores.filter((score) => score.value !== null).length
  const action = !waits || !mayEdit ? 'open' : review.state === 'contested' ? 'toSettle' : 'toReview'
  return (
    <tr>
      <th scope="row">
        {video_name}
        <Text size="xs" className="sl-quiet" fw={400}>
          {[
            policy && words(`policy.${policy}.name`, policy),
            say('scored', { count: scored }),
            ago(analysis.finished_at ?? analysis.created_at, language),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </th>
      <td>
        {last && (
          <>
            <Text size="xs" className="sl-quiet">
              {say('lastStep', { who: isByLink(last.who) ? say('byLink') : last.who, when: ago(last.at, language) })}
            </Text>
            {last.text && <blockquote className={classes.quote}>{last.text}</blockquote>}
          </>
        )}
      </td>
      <td data-end>
        <Button
          component={Link}
          to="/videos/$videoId"
          params={{ videoId: analysis.video_id } as never}
          search={{ analysis: analysis.id } as never}
          size="xs"
          variant={review.state === 'contested' ? 'filled' : 'default'}
          aria-label={`${say(action)}: ${video_name}`}
        >
          {say(action)}
        </Button>
      </td>
    </tr>
  )
}
