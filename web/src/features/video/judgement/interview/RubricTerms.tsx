import { Group, NumberInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useText } from '@/state/text'
import { useShown } from '../shown'
import type { TermPlan } from '../templates'
import { formulaOf } from './formula'
import classes from './Interview.module.css'
import { rebalanced } from './rubric'
import { TEXT } from './textTrial'
import { type RubricTrial, withEdits } from './trial'

/** Weights and formulas of every term of a rubric, to be changed. */
export function RubricTerms({ trial }: { trial: RubricTrial }) {
  const say = useText(TEXT)
  const { word } = useShown()
  const editOf = (score: string, term: string) => trial.edits.find((one) => one.score === score && one.term === term)
  return (
    <details>
      <summary className={classes.groupHead}>{say('edit')}</summary>
      <Text size="xs" className="sl-quiet" mb="xs">
        {say('balance')}
      </Text>
      {(trial.resolved?.scores ?? []).map((score) => {
        const weights = Object.fromEntries(
          score.terms.map((term) => [term.id, editOf(score.id, term.id)?.weight ?? term.weight]),
        )
        return (
          <fieldset key={score.id} className={classes.rubric}>
            <legend>{word(`score.${score.id}`, score.id)}</legend>
            {score.terms.map((term) => (
              <Group key={term.id} gap="xs" align="start" wrap="nowrap">
                <NumberInput
                  size="xs"
                  w={96}
                  label={say('weight')}
                  aria-label={`${word(`term.${term.id}`, term.id)}: ${say('weight')}`}
                  min={1}
                  max={99}
                  decimalScale={2}
                  disabled={score.terms.length < 2}
                  value={Math.round((weights[term.id] as number) * 10_000) / 100}
                  onChange={(to) => {
                    if (typeof to !== 'number' || to <= 0) return
                    const made = rebalanced(weights, term.id, to / 100)
                    const more = Object.entries(made).map(([id, weight]) => ({ score: score.id, term: id, weight }))
                    trial.edit(withEdits(trial.edits, more))
                  }}
                />
                <FormulaField
                  term={term}
                  onChange={(text) =>
                    trial.edit(
                      withEdits(trial.edits, [
                        { score: score.id, term: term.id, formula: { metric: term.metric, text } },
                      ]),
                    )
                  }
                />
              </Group>
            ))}
          </fieldset>
        )
      })}
    </details>
  )
}

function FormulaField({ term, onChange }: { term: TermPlan; onChange: (text: string) => void }) {
  const say = useText(TEXT)
  const { word } = useShown()
  const [text, setText] = useState(term.formula)
  return (
    <TextInput
      size="xs"
      style={{ flex: 1 }}
      label={`${word(`term.${term.id}`, term.id)}: ${say('formula')}`}
      value={text}
      error={formulaOf(text) ? undefined : say('badFormula')}
      spellCheck={false}
      onChange={(event) => {
        setText(event.currentTarget.value)
        if (formulaOf(event.currentTarget.value)) onChange(event.currentTarget.value)
      }}
    />
  )
}
