import { Button, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustments } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { isShare, type Schemas } from '@/api/client'
import type { Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { PartSelect } from './PartSelect'
import { ScoreCard } from './ScoreCard'
import { TEXT } from './text'
import { TEXT as TRIAL_TEXT } from './textTrial'
import { useRubricTrial } from './trial'

const RubricTrialBox = lazy(() => import('./RubricTrialBox').then((made) => ({ default: made.RubricTrialBox })))

interface Shows {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
  onMetric: (id: string) => void
}

export function ScoresTab({ analysis, judgement, onMetric }: Shows) {
  const say = useText(TEXT)
  const sayTrial = useText(TRIAL_TEXT)
  const [part, setPart] = useState<string | null>(null)
  const [isTrying, trying] = useDisclosure(false)
  const trial = useRubricTrial(analysis, judgement, isTrying)
  const now = trial.judgement ?? judgement
  const scores = (now.scores ?? []).filter((score) => score.part === part)
  // The sum of all is what is looked for first.
  const ordered = scores.toSorted((a, b) => Number(b.id === 'overall') - Number(a.id === 'overall'))
  return (
    <Stack gap="sm">
      {!isShare() && !isTrying && (
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconAdjustments size={16} aria-hidden />}
          onClick={trying.open}
          style={{ alignSelf: 'start' }}
        >
          {sayTrial('tryOther')}
        </Button>
      )}
      {isTrying && (
        <Suspense>
          <RubricTrialBox analysis={analysis} judgement={judgement} trial={trial} onClose={trying.close} />
        </Suspense>
      )}
      <PartSelect judgement={judgement} part={part} onChange={setPart} />
      {ordered.map((score) => (
        <ScoreCard
          key={`${score.id} ${score.part}`}
          score={score}
          before={trial.before(score)}
          override={analysis.review?.overrides.find((one) => one.score === score.id && one.part === score.part)}
          onMetric={onMetric}
        />
      ))}
      {!ordered.length && (
        <Text size="sm" className="sl-quiet">
          {say('none')}
        </Text>
      )}
    </Stack>
  )
}
