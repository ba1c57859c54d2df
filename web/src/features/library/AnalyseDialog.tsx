import { Alert, Button, Group, Modal, Radio, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { told } from '@/state/words'
import { ErrorNote } from '@/ui/ErrorNote'
import { day } from '@/ui/format'
import { consentsOptions, policies, templatesOptions } from './api'
import type { AnalysisWish } from './bulk'
import { DESKS } from './filter'
import { useShown } from './shown'

interface AnalyseOf {
  count: number
  workspaceId: string | null
  isBusy: boolean
  onWish: (wish: AnalysisWish) => void
  onClose: () => void
}

/** Asks by what videos are analysed. */
export function AnalyseDialog({ count, workspaceId, isBusy, onWish, onClose }: AnalyseOf) {
  const { say, language } = useShown()
  const [desk, setDesk] = useState<AnalysisWish['desk']>('qc')
  const [template, setTemplate] = useState('default')
  const [policy, setPolicy] = useState('self_practice')
  const [spoken, setSpoken] = useState('auto')
  const [consent, setConsent] = useState<string | null>(null)
  const templates = useQuery(templatesOptions(workspaceId))
  const purposes = useQuery({ ...policies, enabled: desk === 'interview' })
  const mine = (templates.data?.items ?? []).filter((one) => one.desk === desk)
  const purpose = purposes.data?.items.find((one) => one.id === policy) ?? purposes.data?.items[0]
  const needsConsent = desk === 'interview' && purpose?.needs_consent === true
  const consents = useQuery(consentsOptions(workspaceId, needsConsent))
  const records = (consents.data?.items ?? []).filter((one) => one.policy === purpose?.id && one.withdrawn_at === null)
  const chosen = mine.find((one) => one.name === template) ?? mine[0]
  const optionOf = (one: (typeof mine)[number]) => ({
    value: one.name,
    label: told(one.title, language) || one.name,
  })
  const wish = () => {
    const options = { policy: purpose?.id ?? policy, language: spoken, ...(needsConsent && consent && { consent }) }
    onWish({ desk, template: chosen?.name ?? 'default', options: desk === 'interview' ? options : {} })
  }
  const error = templates.error ?? purposes.error ?? consents.error
  return (
    <Modal opened onClose={onClose} title={say('analyseTitle', { count })} centered>
      <Stack gap="md">
        {error ? <ErrorNote error={error} /> : null}
        <Radio.Group label={say('desk')} value={desk} onChange={(to) => setDesk(to as AnalysisWish['desk'])}>
          <Stack gap="xs" mt={6}>
            {DESKS.map((one) => (
              <Radio
                key={one}
                value={one}
                label={say(one)}
                description={say(one === 'qc' ? 'qcAbout' : 'interviewAbout')}
              />
            ))}
          </Stack>
        </Radio.Group>
        <div>
          <Select
            label={say(desk === 'qc' ? 'template' : 'rubric')}
            data={[
              { group: say('own'), items: mine.filter((one) => !one.is_shipped).map(optionOf) },
              { group: say('shipped'), items: mine.filter((one) => one.is_shipped).map(optionOf) },
            ].filter(({ items }) => items.length > 0)}
            value={chosen?.name ?? null}
            onChange={(name) => name && setTemplate(name)}
            allowDeselect={false}
            searchable
          />
          {chosen && (
            <Text size="xs" className="sl-quiet" mt={4}>
              {told(chosen.description, language)}
            </Text>
          )}
        </div>
        {desk === 'interview' && (
          <>
            <div>
              <Select
                label={say('purpose')}
                data={(purposes.data?.items ?? []).map((one) => ({ value: one.id, label: told(one.name, language) }))}
                value={purpose?.id ?? null}
                onChange={(id) => {
                  if (id) setPolicy(id)
                  setConsent(null)
                }}
                allowDeselect={false}
              />
              {purpose && (
                <Text size="xs" className="sl-quiet" mt={4}>
                  {told(purpose.meaning, language)}
                </Text>
              )}
            </div>
            <Select
              label={say('spoken')}
              data={[
                { value: 'auto', label: say('spokenAuto') },
                { value: 'ko', label: say('korean') },
                { value: 'en', label: say('english') },
              ]}
              value={spoken}
              onChange={(to) => to && setSpoken(to)}
              allowDeselect={false}
            />
            {needsConsent && (
              <Select
                label={say('consent')}
                description={say('consentNeeded')}
                data={records.map((one) => ({
                  value: one.id,
                  label: `${one.subject} · ${day(one.given_at, language)}`,
                }))}
                value={consent}
                onChange={setConsent}
                searchable
              />
            )}
            {needsConsent && consents.data && records.length === 0 && (
              <Alert color="yellow" variant="light">
                {say('noConsent')}
              </Alert>
            )}
          </>
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {say('cancel')}
          </Button>
          <Button loading={isBusy} disabled={!chosen || (needsConsent && !consent)} onClick={wish}>
            {say('analyseDo')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
