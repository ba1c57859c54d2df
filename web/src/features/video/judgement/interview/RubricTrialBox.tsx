import { Button, CloseButton, Group, Loader, Select, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'
import type { Judgement, Score } from '@/api/judgement'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { useJudge } from '../judging'
import qc from '../qc/Qc.module.css'
import { SaveTemplate } from '../qc/SaveTemplate'
import { useMayChange } from '../rights'
import { useShown } from '../shown'
import { templatesOf, titleOf } from '../templates'
import { numberText } from '../values'
import { partTitle } from './notes'
import { RubricTerms } from './RubricTerms'
import { TEXT } from './textTrial'
import type { RubricTrial } from './trial'

interface Asked {
  analysis: Schemas['AnalysisDetail']
  judgement: Judgement
  trial: RubricTrial
  onClose: () => void
}

/** Another rubric or other weights, tried: what would change, and keeping it. */
export function RubricTrialBox({ analysis, judgement, trial, onClose }: Asked) {
  const say = useText(TEXT)
  const { language, word } = useShown()
  const mayChange = useMayChange(analysis.workspace_id)
  const judge = useJudge(analysis.id)
  const [isSaving, saving] = useDisclosure(false)
  const { data = [] } = useQuery(templatesOf('interview', analysis.workspace_id))
  const close = () => {
    trial.reset()
    onClose()
  }
  const option = (one: Schemas['TemplateView']) => ({ value: one.name, label: titleOf(one, language) })
  const isKnown = data.some((one) => one.name === analysis.template)
  const points = (score: Score | null) =>
    score?.value == null ? say('none') : numberText(Math.round(score.value * 10) / 10)
  return (
    <section className={qc.trial} aria-label={say('trial')}>
      <Group justify="space-between" wrap="nowrap" align="start">
        <div>
          <Text fw={650} size="sm">
            {say('trial')}
          </Text>
          <Text size="xs" className="sl-quiet">
            {say('trialMeans')}
          </Text>
        </div>
        <CloseButton aria-label={say('discard')} onClick={close} />
      </Group>
      <Select
        size="xs"
        label={say('rubric')}
        data={[
          ...(isKnown ? [] : [{ group: ' ', items: [{ value: analysis.template, label: analysis.template }] }]),
          { group: say('own'), items: data.filter((one) => !one.is_shipped).map(option) },
          { group: say('shipped'), items: data.filter((one) => one.is_shipped).map(option) },
        ].filter(({ items }) => items.length)}
        value={trial.template}
        allowDeselect={false}
        onChange={(to) => to && trial.choose(to)}
      />
      {trial.resolved ? <RubricTerms trial={trial} /> : !trial.error && <Text size="sm">{say('loading')}</Text>}
      {trial.isByHand && <Text size="sm">{say('byHand')}</Text>}
      {trial.error ? <ErrorNote error={trial.error} /> : null}
      {trial.isOn && !trial.error && (
        <div aria-live="polite">
          {trial.isBusy && (
            <Text size="sm" className="sl-quiet">
              <Loader size={12} mr={6} />
              {say('judging')}
            </Text>
          )}
          {trial.judgement && (
            <>
              <Text size="sm" fw={600}>
                {trial.changed.length ? say('changes', { count: trial.changed.length }) : say('unchanged')}
              </Text>
              <ul className={qc.changes}>
                {trial.changed.map((one) => (
                  <li key={`${one.id} ${one.part}`}>
                    <span />
                    <span>
                      {word(`score.${one.id}`, one.id)}{' '}
                      <span className={qc.figures}>{partTitle(trial.judgement ?? judgement, one.part)}</span>
                    </span>
                    <span className={qc.arrow}>
                      {points(one.before)}
                      <IconArrowRight size={12} aria-label="→" />
                      <b>{points(one.after)}</b>
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
      {judge.error && <ErrorNote error={judge.error} />}
      {trial.isOn && (
        <Group gap="xs">
          {mayChange && (
            <Button
              size="compact-sm"
              disabled={!trial.judgement || trial.isBusy}
              loading={judge.isPending}
              onClick={() => trial.asked && judge.mutate(trial.asked, { onSuccess: close })}
            >
              {say('keep')}
            </Button>
          )}
          {mayChange && trial.source !== null && (
            <Button size="compact-sm" variant="light" disabled={Boolean(trial.error)} onClick={saving.open}>
              {say('saveAs')}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={close}>
            {say('discard')}
          </Button>
        </Group>
      )}
      {isSaving && trial.source !== null && (
        <SaveTemplate
          analysis={analysis}
          source={trial.source}
          suggested={trial.asked?.template ?? ''}
          onClose={saving.close}
          onDone={close}
        />
      )}
    </section>
  )
}
