import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { asked, client } from '@/api/client'
import { seconds } from '@/state/seconds'
import { ErrorNote } from '@/ui/ErrorNote'
import { useAnalysis } from './data/useAnalysis'
import { Viewer, Waiting } from './Viewer'

/** What a share link shows: one analysis with its video, to look at. */
export function SharedPage() {
  const { analysisId } = useParams({ from: '/s/$analysisId' })
  const { t } = useSearch({ from: '/s/$analysisId' })
  const analysis = useAnalysis(analysisId)
  const videoId = analysis.data?.video_id
  const video = useQuery({
    queryKey: ['video', videoId],
    queryFn: () =>
      asked(client.GET('/api/v1/videos/{video_id}', { params: { path: { video_id: videoId as string } } })),
    enabled: videoId !== undefined,
  })
  const failed = analysis.error ? analysis : video.error ? video : null
  if (failed) return <ErrorNote error={failed.error} again={() => void failed.refetch()} />
  if (!analysis.data || !video.data) return <Waiting />
  return <Viewer video={video.data} analysis={analysis.data} at={t === undefined ? null : seconds(t)} />
}
