import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { asked, client } from '@/api/client'
import { seconds } from '@/state/seconds'
import { ErrorNote } from '@/ui/ErrorNote'
import { useAnalysis } from './data/useAnalysis'
import { Viewer, Waiting } from './Viewer'

const CompareView = lazy(async () => ({ default: (await import('./judgement/CompareView')).CompareView }))

/** One video: player, lanes, and what its analyses conclude. */
export function VideoPage() {
  const { videoId } = useParams({ from: '/videos/$videoId' })
  const { analysis: wanted, beside, t } = useSearch({ from: '/videos/$videoId' })
  const video = useQuery({
    queryKey: ['video', videoId],
    queryFn: () => asked(client.GET('/api/v1/videos/{video_id}', { params: { path: { video_id: videoId } } })),
  })
  const latest = video.data?.analyses
  const shown = wanted ?? (latest?.find(({ state }) => state === 'done') ?? latest?.[0])?.id
  const analysis = useAnalysis(shown)
  const other = useAnalysis(beside)

  if (video.error) return <ErrorNote error={video.error} again={() => void video.refetch()} />
  if (analysis.error && !analysis.data)
    return <ErrorNote error={analysis.error} again={() => void analysis.refetch()} />
  if (!video.data || (shown && !analysis.data)) return <Waiting />
  if (beside && analysis.data && other.data) {
    return (
      <Suspense fallback={<Waiting />}>
        <CompareView video={video.data} a={analysis.data} b={other.data} />
      </Suspense>
    )
  }
  const at = t === undefined ? null : seconds(t)
  return <Viewer key={videoId} video={video.data} analysis={analysis.data ?? null} at={at} />
}
