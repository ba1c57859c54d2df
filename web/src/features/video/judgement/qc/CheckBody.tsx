import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustments, IconRosetteDiscountCheck } from '@tabler/icons-react'
import { Fragment } from 'react'
import type { Schemas } from '@/api/client'
import { type Check, waiversOf } from '@/api/judgement'
import { useText } from '@/state/text'
import { KeptPicture } from '../KeptPicture'
import { useShown } from '../shown'
import { checkThreshold, checkTitle, checkValue, namedValues } from '../values'
import { Findings } from './Findings'
import { Limits } from './Limits'
import classes from './Qc.module.css'
import { TEXT } from './text'
import type { Trial } from './trial'
import { WaiveDialog } from './WaiveDialog'
import { Waivers } from './Waivers'

interface Shows {
  analysis: Schemas['AnalysisDetail']
  check: Check
  trial: Trial | null
  mayChange: boolean
}

const OPEN = new Set(['fail', 'warn'])

export function CheckBody({ analysis, check, trial, mayChange }: Shows) {
  const say = useText(TEXT)
  const shown = useShown()
  const [isWaiving, waiving] = useDisclosure(false)
  const [hasLimits, limits] = useDisclosure(trial?.edits.has(check.id) ?? false)
  const about = shown.word(`check.${check.id}.text`, '')
  const details = namedValues(check.details, shown)
  const waivers = waiversOf(analysis).filter((waiver) => waiver.check === check.id)
  const first = check.events[0]
  return (
    <>
      {check.reason && <div>{check.reason.text[shown.language]}</div>}
      {check.fix && (
        <div className={classes.fix}>
          <b>{say('fix')}: </b>
          {check.fix.action.text[shown.language]}
        </div>
      )}
      <dl className={classes.facts}>
        <dt>{say('value')}</dt>
        <dd>{checkValue(check, shown) || say('nothingMeasured')}</dd>
        <dt>{say('limit')}</dt>
        <dd>{checkThreshold(check, shown) || say('noLimit')}</dd>
        {check.source && (
          <>
            <dt>{say('source')}</dt>
            <dd>{shown.word(`source.${check.source}`, check.source)}</dd>
          </>
        )}
        {about && (
          <>
            <dt>{say('what')}</dt>
            <dd>{about}</dd>
          </>
        )}
      </dl>
      {first && <KeptPicture analysisId={analysis.id} span={first} />}
      {check.events.length > 0 && <Findings analysis={analysis} check={check} mayChange={mayChange} />}
      {details.length > 0 && (
        <details>
          <summary className={classes.figures}>{say('details')}</summary>
          <dl className={classes.facts}>
            {details.map(([name, text]) => (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </Fragment>
            ))}
          </dl>
        </details>
      )}
      {waivers.length > 0 && <Waivers analysis={analysis} waivers={waivers} mayChange={mayChange} />}
      {trial && hasLimits && <Limits trial={trial} check={check.id} />}
      <Group gap="xs">
        {mayChange && OPEN.has(check.state) && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconRosetteDiscountCheck size={14} aria-hidden />}
            onClick={waiving.open}
          >
            {say('waive')}
          </Button>
        )}
        {trial && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconAdjustments size={14} aria-hidden />}
            aria-expanded={hasLimits}
            onClick={limits.toggle}
          >
            {say(hasLimits ? 'hideLimits' : 'changeLimits')}
          </Button>
        )}
      </Group>
      {isWaiving && (
        <WaiveDialog
          analysis={analysis}
          check={check.id}
          title={say('waiveCheck', { check: checkTitle(check, shown) })}
          event={null}
          onClose={waiving.close}
        />
      )}
    </>
  )
}
