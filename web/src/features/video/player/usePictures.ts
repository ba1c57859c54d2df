import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { type Analysis, picturesOf, stretchOf, type Video } from '../data/evidence'
import type { Playback } from '../playback'
import { evenPictures, type Pictures, type Stretch } from './pictures'
import { rateOf } from './timecode'

const NONE: readonly Stretch[] = []
/** Pictures are asked for before one comes to them. */
const AHEAD_S = 3

/**
 * When each picture starts: as it was measured, else as the rate says; null for sound alone. Of uneven pictures those
 * around the playhead are fetched one by one.
 */
export function usePictures(video: Video, analysis: Analysis | null, playback: Playback): Pictures | null {
  const isMeasured = analysis !== null && analysis.revision > 0 && video.width !== null
  const { data } = useQuery(picturesOf(isMeasured ? analysis : null, video.rate))
  const [near, setNear] = useState<{ readonly of: Pictures; readonly stretches: readonly Stretch[] } | null>(null)
  const stretches = near && near.of === data ? near.stretches : NONE
  const pictures = useMemo(() => {
    if (video.width === null) return null
    if (data) return stretches.reduce((known, stretch) => known.with(stretch), data)
    const rate = rateOf(video.rate)
    return rate && evenPictures(rate, video.duration_s)
  }, [data, stretches, video.width, video.rate, video.duration_s])

  useEffect(() => {
    if (!data || !pictures || pictures.isEven || !analysis) return
    let isAsking = false
    let isOver = false
    const look = () => {
      const { time } = playback.state
      const unknown = [time, time + AHEAD_S, time - AHEAD_S].find((at) => !pictures.isExactAt(at))
      if (isAsking || isOver || unknown === undefined) return
      isAsking = true
      stretchOf(analysis.id, data, unknown)
        .then((stretch) => {
          if (!isOver && stretch) setNear({ of: data, stretches: [...stretches, stretch] })
        })
        // Without it pictures are numbered by estimate; the next move asks again.
        .catch(() => {})
        .finally(() => {
          isAsking = false
        })
    }
    look()
    const end = playback.listen(look)
    return () => {
      isOver = true
      end()
    }
  }, [data, pictures, stretches, analysis, playback])
  return pictures
}
