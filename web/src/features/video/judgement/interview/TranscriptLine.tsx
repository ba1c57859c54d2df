import { Fragment, memo } from 'react'
import { useText } from '@/state/text'
import { clock } from '@/ui/format'
import classes from './Transcript.module.css'
import { TEXT } from './text'
import { type Line, UNSURE, voiceNumber, type Word } from './transcript'

interface Shows {
  line: Line
  words: readonly Word[]
  isNow: boolean
  /** The word that is said now; -1: none of this line. */
  now: number
  /** Words that were searched for. */
  marked: ReadonlySet<number>
  isNewVoice: boolean
  onGo: (word: number) => void
}

/** One line of what was said. Its time is a button; its words are clicked, as a text is read as a text. */
export const TranscriptLine = memo(function TranscriptLine({
  line,
  words,
  isNow,
  now,
  marked,
  isNewVoice,
  onGo,
}: Shows) {
  const say = useText(TEXT)
  const time = clock(line.start_s)
  return (
    <div className={classes.line} data-now={isNow}>
      <button
        type="button"
        className={classes.time}
        aria-label={say('goToLine', { time })}
        aria-current={isNow || undefined}
        onClick={() => onGo(line.first)}
      >
        {time}
      </button>
      <div>
        {isNewVoice && line.speaker && (
          <div className={classes.voice}>
            {line.speaker === 'own' ? say('own') : say('voice', { number: voiceNumber(line.speaker) })}
          </div>
        )}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button beside it does the same for the keyboard */}
        <p
          className={classes.text}
          onClick={(event) => {
            const at = (event.target as HTMLElement).dataset.word
            if (at !== undefined) onGo(Number(at))
          }}
        >
          {words.slice(line.first, line.last).map((word, offset) => {
            const at = line.first + offset
            const isUnsure = word.probability !== null && word.probability < UNSURE
            return (
              <Fragment key={at}>
                <span
                  data-word={at}
                  data-said={at === now || undefined}
                  data-hit={marked.has(at) || undefined}
                  className={[classes.word, word.is_filler && classes.filler, isUnsure && classes.unsure]
                    .filter(Boolean)
                    .join(' ')}
                >
                  {word.text}
                </span>{' '}
              </Fragment>
            )
          })}
        </p>
      </div>
    </div>
  )
})
