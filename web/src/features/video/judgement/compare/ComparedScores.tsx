import { useMemo } from 'react'
import type { Judgement, Score } from '@/api/judgement'
import { useText } from '@/state/text'
import { changedScores } from '../qc/difference'
import { useShown } from '../shown'
import { numberText } from '../values'
import classes from './Compare.module.css'
import { TEXT } from './text'

/** Scores that are not the same in both, those of the whole first. */
export function ComparedScores({ a, b }: { a: Judgement; b: Judgement }) {
  const say = useText(TEXT)
  const { word } = useShown()
  const changed = useMemo(() => changedScores(a, b), [a, b])
  const titles = new Map([...(a.parts ?? []), ...(b.parts ?? [])].map((part) => [part.id, part.title]))
  return (
    <section>
      <h3 className={classes.head}>
        {changed.length ? say('scoresDiffer', { count: changed.length }) : say('noScoresDiffer')}
      </h3>
      {changed.length > 0 && (
        <div className="sl-card">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{say('score')}</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
              </tr>
            </thead>
            <tbody>
              {changed.map(({ id, part, before, after }) => (
                <tr key={`${id} ${part}`}>
                  <th scope="row">
                    {word(`score.${id}`, id)} {part && <span className="sl-quiet">{titles.get(part) ?? part}</span>}
                  </th>
                  <Cell score={before} />
                  <Cell score={after} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Cell({ score }: { score: Score | null }) {
  const say = useText(TEXT)
  const { word } = useShown()
  if (score?.value == null)
    return <td className="sl-quiet">{score ? word(`standing.${score.standing}`, score.standing) : say('none')}</td>
  return (
    <td>
      <b>{numberText(Math.round(score.value * 10) / 10)}</b> / {numberText(score.most)}
      {score.band && <span className={classes.figures}>{word(`band.${score.band}`, score.band)}</span>}
    </td>
  )
}
