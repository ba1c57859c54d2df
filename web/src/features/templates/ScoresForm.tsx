import { ActionIcon, NumberInput, Text, TextInput, Title } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { number } from '@/ui/format'
import type { Editing } from './ChecksForm'
import { corners, formulaOf } from './formula'
import classes from './Thresholds.module.css'
import { TEXT } from './text'
import type { Path } from './thresholds'
import type { Resolved, ResolvedScore, ResolvedTerm } from './types'

interface Shown {
  readonly resolved: Resolved
  readonly base: Resolved | null
  readonly editing: Editing | null
}

/** What a rubric's scores are made of, with every term's weight and formula; with fields where it may be changed. */
export function ScoresForm({ resolved, base, editing }: Shown) {
  const words = useWords()
  return resolved.scores.map((score) => {
    const before = base?.scores.find((one) => one.id === score.id)
    return (
      <section key={score.id} className={classes.group}>
        <Title order={3} mb="xs">
          {words(`score.${score.id}`, score.id)}
        </Title>
        <div className="sl-card">
          <Bands score={score} before={before} editing={editing} />
          {score.terms.map((term) => (
            <Term
              key={term.id}
              score={score.id}
              term={term}
              before={before?.terms.find((one) => one.id === term.id)}
              editing={editing}
            />
          ))}
        </div>
      </section>
    )
  })
}

type Of<What> = { readonly before: What | undefined; readonly editing: Editing | null }

function Bands({ score, before, editing }: { score: ResolvedScore } & Of<ResolvedScore>) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  const at = ['scores', score.id]
  const total = score.terms.reduce((sum, term) => {
    // As it is being typed: what the server understood last may be older.
    const own = editing?.own([...at, 'terms', term.id, 'weight'])
    return sum + (typeof own === 'number' ? own : term.weight)
  }, 0)
  const isWhole = Math.abs(total - 1) < 1e-6
  return (
    <div className={classes.check}>
      <div>
        <Text size="sm" fw={600}>
          {say('pointsAndBands')}
        </Text>
        <Text size="xs" className={isWhole ? 'sl-quiet' : classes.wrong} role={isWhole ? undefined : 'status'}>
          {say(isWhole ? 'weightsAdd' : 'weightsWrong', { total: number(total, language, 4) })}
        </Text>
      </div>
      {editing ? (
        <div className={classes.fields}>
          <Amount
            label={say('most')}
            path={[...at, 'most']}
            value={score.most}
            before={before?.most}
            editing={editing}
          />
          {score.bands.map((band) => (
            <Amount
              key={band.id}
              label={say('bandFrom', { band: words(`band.${band.id}`, band.id) })}
              path={[...at, 'bands', band.id]}
              value={band.least}
              before={before?.bands.find((one) => one.id === band.id)?.least}
              editing={editing}
            />
          ))}
        </div>
      ) : (
        <dl className={classes.values}>
          <div>
            <dt>{say('most')}</dt>
            <dd>{number(score.most, language)}</dd>
          </div>
          {score.bands.map((band) => (
            <div key={band.id}>
              <dt>{words(`band.${band.id}`, band.id)}</dt>
              <dd>{say('from', { least: number(band.least, language) })}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

function Term({ score, term, before, editing }: { score: string; term: ResolvedTerm } & Of<ResolvedTerm>) {
  const say = useText(TEXT)
  const words = useWords()
  const language = useLanguage()
  const at = ['scores', score, 'terms', term.id]
  const name = words(`term.${term.id}`, term.id)
  return (
    <article className={classes.check} aria-label={name}>
      <div>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {editing ? (
          <Amount
            label={say('weight')}
            path={[...at, 'weight']}
            value={term.weight}
            before={before?.weight}
            editing={editing}
          />
        ) : (
          <Text size="sm" className="sl-quiet">
            {say('weightOf', { weight: number(term.weight, language, 4) })}
          </Text>
        )}
      </div>
      <div>
        {term.of.map((way, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a way is its number; its formula changes while it is typed
          <div key={n} className={classes.way}>
            <Text size="sm">{words(`metric.${way.metric}.title`, way.metric)}</Text>
            {editing ? (
              <FormulaField
                path={[...at, 'of', String(n), 'formula']}
                value={way.formula}
                name={name}
                editing={editing}
              />
            ) : (
              <Text size="sm" ff="monospace">
                {way.formula}
              </Text>
            )}
            <Curve formula={way.formula} />
            <Text size="xs" className="sl-quiet" style={{ gridColumn: '1 / -1' }}>
              {say('source')}: {words(`source.${way.source}`, way.source)}
            </Text>
          </div>
        ))}
      </div>
    </article>
  )
}

interface AmountField {
  readonly label: string
  readonly path: Path
  readonly value: number
  /** In the default rubric, where it has the same. */
  readonly before: number | undefined
  readonly editing: Editing
}

function Amount({ label, path, value, before, editing }: AmountField) {
  const say = useText(TEXT)
  const language = useLanguage()
  const [typed, setTyped] = useState<string | number | null>(null)
  const own = editing.own(path)
  const given = typeof own === 'number' ? own : value
  const isOther = before !== undefined && before !== given
  return (
    <NumberInput
      size="xs"
      label={label}
      hideControls
      clampBehavior="none"
      maw={180}
      value={typed ?? given}
      description={isOther ? say('defaultIs', { value: number(before, language, 4) }) : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      rightSectionPointerEvents="auto"
      rightSection={
        isOther && (
          <ActionIcon
            size={24}
            variant="subtle"
            color="gray"
            aria-label={say('resetOf', { name: label })}
            onClick={() => editing.set(path, before)}
          >
            <IconArrowBackUp size={15} />
          </ActionIcon>
        )
      }
      onBlur={() => setTyped(null)}
      onChange={(to) => {
        setTyped(to)
        if (typeof to === 'number') editing.set(path, to)
      }}
    />
  )
}

function FormulaField({ path, value, name, editing }: { path: Path; value: string; name: string; editing: Editing }) {
  const say = useText(TEXT)
  const own = editing.own(path)
  return (
    <TextInput
      size="xs"
      ff="monospace"
      aria-label={say('formulaOf', { name })}
      value={typeof own === 'string' ? own : value}
      onChange={(event) => editing.set(path, event.currentTarget.value)}
    />
  )
}

/** What a formula makes of small and great values, drawn; the numbers stand beside it. */
function Curve({ formula }: { formula: string }) {
  const parsed = formulaOf(formula)
  const line = parsed && corners(parsed)
  if (!line) return <span />
  const first = (line[0] as readonly [number, number])[0]
  const span = (line.at(-1) as readonly [number, number])[0] - first || 1
  const points = line.map(([x, share]) => `${((x - first) / span) * 80},${27 - share * 24}`).join(' ')
  return (
    <svg className={classes.curve} viewBox="0 0 80 30" aria-hidden="true">
      <polyline points={points} fill="none" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  )
}
