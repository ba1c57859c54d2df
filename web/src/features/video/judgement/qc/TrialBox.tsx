import { Button, CloseButton, Group, Loader, Select, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'
import type { Judgement } from '@/api/judgement'
import { useText } from '@/state/text'
import { ErrorNote } from '@/ui/ErrorNote'
import { StateBadge } from '@/ui/StateBadge'
import { useJudge } from '../judging'
import { useShown } from '../shown'
import { templatesOf, titleOf } from '../templates'
import { checkThreshold, checkTitle } from '../values'
import type { Changed } from './difference'
import classes from './Qc.module.css'
import { SaveTemplate } from './SaveTemplate'
import { TEXT } from './text'
import type { Trial } from './trial'

interface Asked {
  analysis: Schemas['AnalysisDetail']
  trial: Trial
  /** As it is kept. */
  judgement: Judgement
  mayChange: boolean
  onClose: () => void
}

/** Another template or other limits, tried: what would change, and keeping it. */
export function TrialBox({ analysis, trial, judgement, mayChange, onClose }: Asked) {
  const say = useText(TEXT)
  const judge = useJudge(analysis.id)
  const [isSaving, saving] = useDisclosure(false)
  const close = () => {
    trial.reset()
    onClose()
  }
  const keep = () => trial.asked && judge.mutate(trial.asked, { onSuccess: close })
  return (
    <section className={classes.trial} aria-label={say('trial')}>
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
      <TemplateSelect
        workspaceId={analysis.workspace_id}
        desk={analysis.desk}
        trial={trial}
        current={analysis.template}
      />
      {trial.isByHand && <Text size="sm">{say('byHand')}</Text>}
      {trial.error ? <ErrorNote error={trial.error} /> : null}
      {trial.isOn && !trial.error && <Outcome trial={trial} judgement={judgement} />}
      {judge.error && <ErrorNote error={judge.error} />}
      {trial.isOn && (
        <Group gap="xs">
          {mayChange && (
            <Button
              size="compact-sm"
              disabled={!trial.judgement || trial.isBusy}
              loading={judge.isPending}
              onClick={keep}
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

function Outcome({ trial, judgement }: { trial: Trial; judgement: Judgement }) {
  const say = useText(TEXT)
  const after = trial.judgement
  return (
    <div aria-live="polite">
      {trial.isBusy && (
        <Text size="sm" className="sl-quiet">
          <Loader size={12} mr={6} />
          {say('judging')}
        </Text>
      )}
      {after && (
        <>
          <div className={classes.arrow}>
            {after.verdict === judgement.verdict ? (
              <Text size="sm">{say('stays')}</Text>
            ) : (
              <StateBadge state={judgement.verdict ?? 'not_evaluated'} />
            )}
            {after.verdict !== judgement.verdict && <IconArrowRight size={14} aria-label="→" />}
            <StateBadge state={after.verdict ?? 'not_evaluated'} />
            <Text size="sm" fw={600}>
              {trial.changed.length ? say('changes', { count: trial.changed.length }) : say('unchanged')}
            </Text>
          </div>
          <Changes changed={trial.changed} />
        </>
      )}
    </div>
  )
}

export function Changes({ changed }: { changed: readonly Changed[] }) {
  const say = useText(TEXT)
  const shown = useShown()
  return (
    <ul className={classes.changes}>
      {changed.map(({ id, before, after }) => {
        const known = (after ?? before) as NonNullable<typeof after>
        const [was, is] = [before && checkThreshold(before, shown), after && checkThreshold(after, shown)]
        return (
          <li key={id}>
            <span className={classes.id}>{id}</span>
            <span>
              {checkTitle(known, shown)}
              {was !== is && (
                <span className={classes.figures}>
                  {' '}
                  {was || say('noLimit')} → {is || say('noLimit')}
                </span>
              )}
            </span>
            <span className={classes.arrow}>
              {before ? <StateBadge state={before.state} /> : say('notJudged')}
              <IconArrowRight size={12} aria-label="→" />
              {after ? <StateBadge state={after.state} /> : say('notJudged')}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function TemplateSelect({
  workspaceId,
  desk,
  trial,
  current,
}: {
  workspaceId: string
  desk: string
  trial: Trial
  current: string
}) {
  const say = useText(TEXT)
  const { language } = useShown()
  const { data = [], error } = useQuery(templatesOf(desk, workspaceId))
  const option = (one: Schemas['TemplateView']) => ({ value: one.name, label: titleOf(one, language) })
  const groups = [
    { group: say('own'), items: data.filter((one) => !one.is_shipped).map(option) },
    { group: say('shipped'), items: data.filter((one) => one.is_shipped).map(option) },
  ].filter((group) => group.items.length)
  const isKnown = data.some((one) => one.name === current)
  return (
    <>
      <Select
        size="xs"
        label={say('template')}
        data={isKnown ? groups : [{ group: ' ', items: [{ value: current, label: current }] }, ...groups]}
        value={trial.template}
        allowDeselect={false}
        searchable
        onChange={(to) => to && trial.choose(to)}
      />
      {error && <ErrorNote error={error} />}
    </>
  )
}
