import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { type Seconds, type Span, seconds } from '@/state/seconds'
import { type Analysis, makingOf } from '../data/evidence'
import { usePlayback } from '../playback'
import { Loader } from './loader'
import { Stage } from './stage'
import { Tiles } from './tiles'

/** The stage of an analysis, with what it has loaded; another analysis or another length has another one. */
export function useStage(analysis: Analysis, duration: Seconds): Stage {
  const playback = usePlayback()
  const queries = useQueryClient()
  const [id, finished] = makingOf(analysis)
  const stage = useMemo(() => {
    const whole: Span = { start: seconds(0), end: duration }
    const tiles = new Tiles(whole)
    const loader: Loader = new Loader(tiles, queries, [id, finished], () => made.arrived())
    const made: Stage = new Stage(whole, playback, tiles, loader)
    return made
  }, [playback, queries, id, finished, duration])
  useEffect(() => () => stage.loader.end(), [stage])
  return stage
}
