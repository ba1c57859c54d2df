import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react'
import { useAdding } from '@/state/adding'
import { useLine } from '@/state/changes'
import { engineOf } from './engine'
import { onRemembered } from './hint'
import { Tray } from './Tray'

const AddWindow = lazy(() => import('./AddWindow'))

/** What of uploads is loaded once somebody needs it: the tray, and the window in which videos are added. */
export default function Uploads({ userId }: { userId: string }) {
  const engine = engineOf(userId)
  const shown = useSyncExternalStore(engine.listen, () => engine.shown)
  const wanted = useAdding()
  const line = useLine()

  useEffect(() => {
    if (line === 'open') engine.dispatch({ type: 'reachable' })
  }, [engine, line])
  useEffect(() => onRemembered(() => void engine.recall()), [engine])
  return (
    <>
      <Tray engine={engine} shown={shown} />
      {wanted && (
        <Suspense fallback={null}>
          <AddWindow engine={engine} wanted={wanted} />
        </Suspense>
      )}
    </>
  )
}
