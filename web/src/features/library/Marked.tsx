import classes from './entry.module.css'
import { pieces } from './highlight'

/** A text with the words of the search marked in it. */
export function Marked({ text, query }: { text: string; query: string }) {
  if (!query) return <>{text}</>
  let at = 0
  return pieces(text, query).map((piece) => {
    const key = at
    at += piece.text.length
    return piece.isHit ? (
      <mark key={key} className={classes.mark}>
        {piece.text}
      </mark>
    ) : (
      <span key={key}>{piece.text}</span>
    )
  })
}
