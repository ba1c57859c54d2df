import type { MouseEvent, ReactNode } from 'react'
import { hrefOf, useShown } from './shown'

interface Place {
  videoId: string
  analysisId?: string | null
  at_s?: number | null
  className?: string
  isReachable: boolean
  title?: string
  children: ReactNode
}

/** A link to a video that costs nothing while a list of thousands flies by. */
export function Go({ videoId, analysisId, at_s, className, isReachable, title, children }: Place) {
  const { go } = useShown()
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go(videoId, analysisId, at_s)
  }
  return (
    <a
      href={hrefOf(videoId, analysisId, at_s)}
      className={className}
      title={title}
      tabIndex={isReachable ? 0 : -1}
      onClick={follow}
    >
      {children}
    </a>
  )
}
