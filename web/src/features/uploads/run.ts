import { claim } from './claims'
import { forget } from './memory'
import type { Event, Trouble, Upload } from './queue'
import { send } from './sending'
import { judged, outcomeOf } from './server'

const LOOK_MS = 1000

/** What one upload under way needs of those around it. */
export interface Around {
  find(id: string): Upload | undefined
  dispatch(event: Event): void
  /** Keeps how far it is for another visit. */
  remember(id: string): void
  /** Bytes went through. */
  paced(id: string, sent: number): void
}

/** Sends what is to be sent of an upload and follows it until its outcome is known. Gives what stops it. */
export function run(upload: Upload, file: File | undefined, around: Around): () => void {
  const { id } = upload
  const { dispatch } = around
  let isStopped = false
  let stop = () => {}
  const refused = (trouble: Trouble, isOver: boolean) => {
    dispatch({ type: 'refused', id, trouble, isOver })
    // What is over on the server cannot be gone on with on another day; here it can be begun anew while the page is open.
    if (isOver) void forget(id)
  }
  const unreachable = (trouble: Trouble) => dispatch({ type: 'unreachable', id, at: Date.now(), trouble })

  const settle = async () => {
    while (!isStopped) {
      const now = around.find(id)
      if (!now) return
      try {
        const found = await outcomeOf(now)
        if (isStopped) return
        if (found && 'videoId' in found) {
          dispatch({ type: 'settled', id, outcome: found })
          return await forget(id)
        }
        if (found) return refused(found, true)
      } catch (error) {
        if (isStopped) return
        const { trouble, isAway, isGone } = judged(error)
        if (isAway) return unreachable(trouble)
        return dispatch({ type: 'refused', id, trouble, isOver: isGone })
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
  const begin = async () => {
    if (!(await claim(id))) return dispatch({ type: 'taken', id })
    if (isStopped) return
    if (upload.phase === 'asking') return await settle()
    if (!file) return refused({ code: 'unreadable', message: '' }, false)
    stop = send(upload, file, {
      addressed: (address) => {
        dispatch({ type: 'addressed', id, address })
        around.remember(id)
      },
      moved: (sent) => {
        around.paced(id, sent)
        dispatch({ type: 'moved', id, sent })
      },
      kept: () => around.remember(id),
      arrived: () => {
        dispatch({ type: 'arrived', id })
        void settle()
      },
      unreachable,
      refused,
    })
  }
  void begin()
  return () => {
    isStopped = true
    stop()
  }
}
