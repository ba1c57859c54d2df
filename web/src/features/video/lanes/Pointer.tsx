import { useEffect, useRef } from 'react'
import { useLanguage } from '@/state/language'
import { useWords } from '@/state/words'
import { useWriting } from '../player/context'
import { momentText } from '../player/moment'
import classes from './Lanes.module.css'
import { useNames } from './names'
import type { Scene } from './scene'
import type { Stage } from './stage'
import { valueText } from './values'

/** The line under the mouse and what was measured there. Moved in the stage's pass, outside of React. */
export function Pointer({ stage, scene }: { stage: Stage; scene: Scene }) {
  const line = useRef<HTMLDivElement>(null)
  const note = useRef<HTMLDivElement>(null)
  const word = useWords()
  const names = useNames(scene.labels)
  const language = useLanguage()
  const writing = useWriting()

  useEffect(() => {
    const textAt = (): string => {
      const pointed = stage.pointed
      if (!pointed) return ''
      const rows = [momentText(writing, pointed.at)]
      const event = stage.eventAt(pointed.x, pointed.y)
      if (event) rows.push(`${word(`kind.${event.kind}`, event.kind)} · ${(event.end_s - event.start_s).toFixed(2)} s`)
      const { group } = pointed.lane ?? {}
      for (const spec of group?.curves ?? []) {
        const values = stage.valueOf(spec.signal, pointed.at)
        const upTo = spec.upTo ? stage.valueOf(spec.upTo, pointed.at) : null
        const both = values && upTo ? { low: values.low, high: upTo.high } : values
        rows.push(
          `${names.curve(spec)}  ${valueText(both, group?.unit ?? '', word(`unit.${group?.unit}`, group?.unit), language)}`,
        )
      }
      return rows.join('\n')
    }
    return stage.onDraw(({ view }) => {
      const pointed = stage.pointed
      for (const element of [line.current, note.current]) if (element) element.hidden = !pointed
      if (!pointed || !line.current || !note.current) return
      line.current.style.transform = `translateX(${Math.round(pointed.x)}px)`
      const text = textAt()
      if (note.current.textContent !== text) note.current.textContent = text
      const isRight = pointed.x > view.width - 240
      note.current.style.transform = `translate(${pointed.x + (isRight ? -12 : 12)}px, ${Math.max(2, pointed.y - 14)}px) translateX(${isRight ? '-100%' : '0'})`
    })
  }, [stage, word, names, language, writing])

  return (
    <>
      <div className={classes.line} ref={line} hidden aria-hidden />
      <div className={classes.note} ref={note} hidden aria-hidden />
    </>
  )
}
