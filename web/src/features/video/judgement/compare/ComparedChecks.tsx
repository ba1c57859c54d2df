import { useMemo } from 'react'
import type { Check, Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { StateBadge } from '@/ui/StateBadge'
import { changedChecks } from '../qc/difference'
import { useShown } from '../shown'
import { checkThreshold, checkTitle, checkValue } from '../values'
import classes from './Compare.module.css'
import { TEXT } from './text'

/** Checks that say something else in one than in the other. */
export function ComparedChecks({ a, b }: { a: Judgement; b: Judgement }) {
  const say = useText(TEXT)
  const shown = useShown()
  const changed = useMemo(() => changedChecks(a, b), [a, b])
  const ids = new Set([...a.checks, ...b.checks].map((check) => check.id))
  return (
    <section>
      <h3 className={classes.head}>{changed.length ? say('differ', { count: changed.length }) : say('noneDiffer')}</h3>
      {changed.length > 0 && (
        <div className="sl-card">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{say('check')}</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
              </tr>
            </thead>
            <tbody>
              {changed.map(({ id, before, after }) => (
                <tr key={id}>
                  <th scope="row">
                    {checkTitle((after ?? before) as Check, shown)} <span className="sl-quiet">{id}</span>
                  </th>
                  <Cell check={before} />
                  <Cell check={after} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className={classes.note}>{say('same', { count: ids.size - changed.length })}</p>
    </section>
  )
}

function Cell({ check }: { check: Check | null }) {
  const say = useText(TEXT)
  const shown = useShown()
  if (!check) return <td className="sl-quiet">{say('notJudged')}</td>
  const limit = checkThreshold(check, shown)
  return (
    <td>
      <StateBadge state={check.state} />
      <span className={classes.figures}>{checkValue(check, shown)}</span>
      {limit && <span className={classes.figures}>{say('limit', { limit })}</span>}
    </td>
  )
}
