import { type RefObject, useLayoutEffect, useRef } from 'react'
import { lineCount } from './problems'
import classes from './SourceEditor.module.css'

interface Edited {
  readonly label: string
  readonly value: string
  /** Null: to look at only. */
  readonly onChange: ((source: string) => void) | null
  readonly wrongLines: ReadonlySet<number>
  /** Of what tells the problems. */
  readonly describedBy?: string
  readonly field: RefObject<HTMLTextAreaElement | null>
}

/** A text with its lines numbered and those marked in which something is wrong. Tab leaves it, as any field. */
export function SourceEditor({ label, value, onChange, wrongLines, describedBy, field }: Edited) {
  const behind = useRef<HTMLDivElement>(null)
  const numbers = Array.from({ length: lineCount(value) }, (_, n) => n + 1).join('\n')

  const follow = () => {
    if (behind.current) behind.current.style.transform = `translateY(${-(field.current?.scrollTop ?? 0)}px)`
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another place it is scrolled to
  useLayoutEffect(follow, [value])

  return (
    <div className={classes.frame} data-wrong={wrongLines.size > 0 || undefined}>
      <div className={classes.behind} ref={behind} aria-hidden>
        <div className={classes.numbers}>{numbers}</div>
        {[...wrongLines].map((line) => (
          <div key={line} className={classes.mark} style={{ top: `calc(${line - 1} * 1lh)` }} />
        ))}
      </div>
      <textarea
        ref={field}
        className={classes.text}
        aria-label={label}
        aria-invalid={wrongLines.size > 0 || undefined}
        aria-describedby={describedBy}
        value={value}
        readOnly={onChange === null}
        onChange={(event) => onChange?.(event.currentTarget.value)}
        onScroll={follow}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
      />
    </div>
  )
}
