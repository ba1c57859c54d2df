import { useState } from 'react'
import { address } from '@/api/client'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import classes from './qc/Qc.module.css'
import { TEXT } from './qc/text'

/** The picture that was kept nearest to the middle of a span; nothing where none was kept. */
export function KeptPicture({ analysisId, span }: { analysisId: string; span: { start_s: number; end_s: number } }) {
  const say = useText(TEXT)
  const at = (span.start_s + span.end_s) / 2
  const url = address(`/analyses/${encodeURIComponent(analysisId)}/picture`, { at_s: at.toFixed(3) })
  const [broken, setBroken] = useState('')
  if (broken === url) return null
  return (
    <img
      className={classes.picture}
      src={url}
      alt={say('picture', { time: clock(at, 2) })}
      loading="lazy"
      decoding="async"
      onError={() => setBroken(url)}
    />
  )
}
