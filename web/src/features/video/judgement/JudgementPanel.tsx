import { Loader, Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { Schemas } from '@/api/client'
import { judgementOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { FindingPanel } from './FindingPanel'
import { QcPanel } from './qc/QcPanel'
import { TEXT } from './text'

const InterviewPanel = lazy(() =>
  import('./interview/InterviewPanel').then((made) => ({ default: made.InterviewPanel })),
)

/** What the desk concludes of the analysis, and what can be done about it; above it what is pointed at. */
export function JudgementPanel({
  video,
  analysis,
}: {
  video: Schemas['VideoView']
  analysis: Schemas['AnalysisDetail']
}) {
  const say = useText(TEXT)
  const judgement = judgementOf(analysis)
  if (!judgement) {
    return (
      <Text size="sm" className="sl-quiet" p="md">
        {say(analysis.state === 'queued' || analysis.state === 'running' ? 'notYet' : 'noJudgement')}
      </Text>
    )
  }
  return (
    <>
      <FindingPanel analysis={analysis} judgement={judgement} />
      {analysis.desk === 'interview' ? (
        <Suspense fallback={<Loader size="sm" type="dots" m="md" />}>
          <InterviewPanel key={analysis.id} video={video} analysis={analysis} judgement={judgement} />
        </Suspense>
      ) : (
        <QcPanel key={analysis.id} analysis={analysis} judgement={judgement} />
      )}
    </>
  )
}
