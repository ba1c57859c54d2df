import { Badge } from '@mantine/core'
import type { Schemas } from '@/api/client'
import { useText } from '@/state/text'
import { TEXT } from './textReview'

const STATES = {
  open: ['stateOpen', 'gray'],
  reviewed: ['stateReviewed', 'tide'],
  overridden: ['stateOverridden', 'tide'],
  contested: ['stateContested', 'red'],
  resolved: ['stateResolved', 'tide'],
} as const

export function ReviewBadge({ analysis }: { analysis: Schemas['AnalysisDetail'] }) {
  const say = useText(TEXT)
  const state = analysis.review?.state
  if (!state || !(state in STATES)) return null
  const [key, color] = STATES[state as keyof typeof STATES]
  return (
    <Badge size="sm" variant="light" color={color} tt="none" fw={600}>
      {say(key)}
    </Badge>
  )
}
