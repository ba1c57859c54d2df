import { Anchor, Loader, Tabs, Text } from '@mantine/core'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { Schemas } from '@/api/client'
import { feedbackOf, type Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { useMayChange, useMayContest } from '../rights'
import { FeedbackTab } from './FeedbackTab'
import classes from './Interview.module.css'
import { MetricsTab } from './MetricsTab'
import { ReviewBadge } from './ReviewBadge'
import { actionsAfter } from './review'
import { ScoresTab } from './ScoresTab'
import { TEXT } from './text'
import { UnitsContext, unitsOf } from './units'

const Transcript = lazy(() => import('./Transcript').then((made) => ({ default: made.Transcript })))
const ReviewTab = lazy(() => import('./ReviewTab').then((made) => ({ default: made.ReviewTab })))

const TABS = ['scores', 'feedback', 'transcript', 'metrics', 'review'] as const
type Tab = (typeof TABS)[number]

interface Shows {
  video: Schemas['VideoView']
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
}

/** What was measured of a person, laid open, and what people make of it. */
export function InterviewPanel({ analysis, judgement }: Shows) {
  const say = useText(TEXT)
  const [tab, setTab] = useState<Tab>('scores')
  const [metric, setMetric] = useState<string | null>(null)
  const units = useMemo(() => unitsOf(judgement), [judgement])
  const may = { change: useMayChange(analysis.workspace_id), contest: useMayContest(analysis.workspace_id) }
  // Those who may do more find it under the review.
  const mayOnlyContest = !may.change && analysis.review != null && actionsAfter(analysis.review.state, may).length > 0
  const toMetric = (id: string) => {
    setMetric(id)
    setTab('metrics')
  }
  return (
    <section className={classes.panel} aria-label={say('panel')}>
      <Text component="div" size="xs" className={`sl-quiet ${classes.notice}`}>
        {say('notice')} <ReviewBadge analysis={analysis} />
        {mayOnlyContest && (
          <Anchor component="button" type="button" size="xs" onClick={() => setTab('review')}>
            {say('disagree')}
          </Anchor>
        )}
      </Text>
      <Tabs value={tab} onChange={(to) => to && setTab(to as Tab)} keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one} px="sm">
              {say(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<Loader size="sm" type="dots" m="md" />}>
          <Tabs.Panel value="scores" pt="sm">
            <UnitsContext value={units}>
              <ScoresTab analysis={analysis} judgement={judgement} onMetric={toMetric} />
            </UnitsContext>
          </Tabs.Panel>
          <Tabs.Panel value="feedback" pt="sm">
            <FeedbackTab feedback={feedbackOf(analysis)} judgement={judgement} onMetric={toMetric} />
          </Tabs.Panel>
          <Tabs.Panel value="transcript" pt="sm">
            <Transcript analysis={analysis} />
          </Tabs.Panel>
          <Tabs.Panel value="metrics" pt="sm">
            <MetricsTab judgement={judgement} first={metric} />
          </Tabs.Panel>
          <Tabs.Panel value="review" pt="sm">
            <ReviewTab analysis={analysis} judgement={judgement} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </section>
  )
}
