import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'

const MOST_KEPT = 100
const places = new Map<string, number>()

/**
 * Whoever comes back to a list finds it where he left it. The router's own memory comes too early: the list has no height
 * before it knows how wide it is. By the entry of the browser's history, so that a list opened anew begins at its top.
 */
export function useKeptPlace(isReady: boolean): void {
  const entry = useRouterState({ select: ({ location }) => location.state.__TSR_key ?? location.state.key ?? '' })
  useEffect(() => {
    if (!isReady) return
    const kept = places.get(entry)
    if (kept) window.scrollTo(0, kept)
    const note = () => {
      if (places.size >= MOST_KEPT && !places.has(entry)) places.clear()
      places.set(entry, window.scrollY)
    }
    window.addEventListener('scroll', note, { passive: true })
    return () => window.removeEventListener('scroll', note)
  }, [entry, isReady])
}
