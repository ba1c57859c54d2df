import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

interface Shown {
  videoId: string
  /** The one that is shown first; without it the latest. */
  analysisId?: string | null
  children: ReactNode
}

/** Leads to the page of a video. */
export function VideoLink({ videoId, analysisId, children }: Shown) {
  return (
    <Anchor
      inherit
      renderRoot={(props) => (
        <Link
          {...props}
          to="/videos/$videoId"
          params={{ videoId }}
          search={analysisId ? { analysis: analysisId } : {}}
        />
      )}
    >
      {children}
    </Anchor>
  )
}
