import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { type Analysis, eventsOf, shotsOf, signalsIn, thumbsOf, wordsOf } from '../data/evidence'
import { keepLanes, keptLanes } from './chosen'
import { OF_SHOTS, rowsOf } from './found'
import { defaultLanes, type Group, groupFor, groupsOf, type LaneId, type SignalView } from './groups'
import { laidOut } from './layout'
import { rulesOf } from './rules'
import type { Scene } from './scene'
import { Sheets } from './sheets'
import type { Stage } from './stage'

const NONE: readonly never[] = []

export interface Lanes {
  readonly scene: Scene
  readonly chosen: readonly LaneId[]
  readonly groups: readonly Group[]
  readonly signals: readonly SignalView[]
  /** Lanes that are no curves and have something to show. */
  readonly offered: readonly LaneId[]
  readonly choose: (lanes: readonly LaneId[] | null) => void
  readonly error: unknown
  readonly retry: () => void
}

/** Everything the lanes show, handed to the stage whenever some of it comes. */
export function useScene(analysis: Analysis, stage: Stage, hasPictures: boolean): Lanes {
  const events = useQuery(eventsOf(analysis))
  const signals = useQuery(signalsIn(analysis))
  const shots = useQuery({ ...shotsOf(analysis), enabled: hasPictures, retry: false })
  const thumbs = useQuery({ ...thumbsOf(analysis), enabled: hasPictures, retry: false })
  const words = useQuery({ ...wordsOf(analysis), retry: false })
  const [own, setOwn] = useState(() => keptLanes(analysis.desk, localStorage))

  const measured = signals.data ?? NONE
  const groups = useMemo(() => groupsOf(measured), [measured])
  const found = events.data ?? NONE
  const rows = useMemo(() => rowsOf(found.filter(({ kind }) => !OF_SHOTS.has(kind))), [found])
  const inLanes = useMemo(() => found.filter(({ kind }) => !OF_SHOTS.has(kind)), [found])
  const spoken = words.data ?? NONE
  const hasWords = spoken.length > 0
  const chosen = useMemo(
    () => own ?? defaultLanes({ desk: analysis.desk, hasPictures, hasWords, groups }),
    [own, analysis.desk, hasPictures, hasWords, groups],
  )
  const sheets = useMemo(
    () => (thumbs.data ? new Sheets(analysis.id, thumbs.data, () => stage.draw()) : null),
    [thumbs.data, analysis.id, stage],
  )
  const scene = useMemo((): Scene => {
    const shown = chosen
      .map((id) => ({ id, group: groupFor(id, measured, groups) }))
      .filter(
        ({ id, group }) =>
          group !== null || id === 'events' || (id === 'shots' && hasPictures) || (id === 'words' && hasWords),
      )
    return {
      lanes: laidOut(shown, rows.length),
      events: inLanes,
      rows,
      shots: shots.data ?? NONE,
      sheets,
      words: spoken,
      wordStarts: Float64Array.from(spoken, ({ start_s }) => start_s),
      rules: rulesOf(shown, analysis.judgement),
      labels: new Map(measured.map(({ name, label }) => [name, label])),
    }
  }, [chosen, measured, groups, rows, inLanes, shots.data, sheets, spoken, hasPictures, hasWords, analysis.judgement])
  useEffect(() => stage.show(scene), [stage, scene])

  const failed = [events, signals].find(({ error }) => error)
  return {
    scene,
    chosen: scene.lanes.map(({ id }) => id),
    groups,
    signals: measured,
    offered: [...(hasPictures ? ['shots'] : []), 'events', ...(hasWords ? ['words'] : [])],
    choose: (lanes) => {
      setOwn(lanes)
      keepLanes(analysis.desk, lanes, localStorage)
    },
    error: failed?.error,
    retry: () => {
      void events.refetch()
      void signals.refetch()
    },
  }
}
