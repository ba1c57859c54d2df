import { Alert, Progress, Skeleton, Stack, Table, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconFeather } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { number } from '@/ui/format'
import { Mark } from '@/ui/Mark'
import { shareOf } from './budgets'
import { insight, installation, spent } from './installationQueries'
import { SettingRow } from './SettingRow'
import classes from './Settings.module.css'
import { FEEDBACK } from './textFeedback'
import { PROVIDER } from './textInstallation'
import { PROVIDERS, shownValue, variableOf } from './values'

const KEYS = {
  openai: 'openai_api_key',
  anthropic: 'anthropic_api_key',
  google: 'google_api_key',
  openai_compatible: 'factchat_api_key',
} as const

/** Who writes feedback, whether it can, and what it may cost. */
export default function FeedbackSection() {
  const say = useText(FEEDBACK)
  const provider = useText(PROVIDER)
  const language = useLanguage()
  const who = useWho()
  const { data, error, refetch } = useQuery(insight)
  const { data: sums } = useQuery({ ...spent, enabled: who.is_admin })
  if (error) return <ErrorNote error={error} again={() => void refetch()} />
  if (!data) return <Skeleton height={240} />
  const named = PROVIDERS.find((one) => one === data.provider)
  return (
    <Stack gap="sm">
      <Card title={say('who')}>
        {data.provider === null ? (
          <Alert variant="light" color="gray" icon={<IconFeather size={18} aria-hidden />}>
            {say('fromTemplates')}
          </Alert>
        ) : (
          <Alert
            variant="light"
            color={data.is_ready ? 'teal' : 'orange'}
            icon={data.is_ready ? <IconCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
          >
            <Text size="sm" fw={600}>
              {say('byModel', { provider: named ? provider(named) : data.provider, model: data.model ?? '–' })}
            </Text>
            <Text size="sm">{data.is_ready ? say('ready') : told(data.why, language)}</Text>
          </Alert>
        )}
      </Card>
      <Budgets budgets={data.budgets} sums={sums} />
      {who.is_admin && <Manage />}
    </Stack>
  )
}

function Budgets(props: { budgets: Schemas['BudgetsView']; sums: Schemas['SpendingView'] | undefined }) {
  const say = useText(FEEDBACK)
  const language = useLanguage()
  const dollars = (value: number) =>
    new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 }).format(value)
  return (
    <Card title={say('budgets')} about={say('budgetsWhy')}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{say('span')}</Table.Th>
            <Table.Th scope="col">{say('money')}</Table.Th>
            <Table.Th scope="col">{say('tokens')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(['call', 'day', 'month'] as const).map((span) => {
            const used = span === 'call' ? undefined : props.sums?.[span]
            const most = props.budgets[span]
            return (
              <Table.Tr key={span}>
                <Table.Th scope="row" fw={500}>
                  {say(span)}
                </Table.Th>
                <Table.Td>
                  <Used
                    label={`${say(span)}: ${say('money')}`}
                    share={used && shareOf(used.usd, most.usd)}
                    text={
                      used
                        ? say('usedOf', { used: dollars(used.usd), most: dollars(most.usd) })
                        : say('atMost', { most: dollars(most.usd) })
                    }
                  />
                </Table.Td>
                <Table.Td>
                  <Used
                    label={`${say(span)}: ${say('tokens')}`}
                    share={used && shareOf(used.tokens, most.tokens)}
                    text={
                      used
                        ? say('usedOf', {
                            used: number(used.tokens, language, 0),
                            most: number(most.tokens, language, 0),
                          })
                        : say('atMost', { most: number(most.tokens, language, 0) })
                    }
                  />
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

function Used({ label, share, text }: { label: string; share: number | undefined; text: string }) {
  return (
    <>
      <Text size="sm">{text}</Text>
      {share !== undefined && (
        <Progress
          size="sm"
          mt={4}
          value={Math.min(100, share * 100)}
          color={share >= 1 ? 'red' : share >= 0.9 ? 'orange' : undefined}
          aria-label={label}
        />
      )}
    </>
  )
}

/** For administrators: which keys are there, and what may be changed. */
function Manage() {
  const say = useText(FEEDBACK)
  const provider = useText(PROVIDER)
  const { data, error, refetch } = useQuery(installation)
  if (error) return <ErrorNote error={error} again={() => void refetch()} />
  if (!data) return <Skeleton height={200} />
  const settings = data.items.filter((item) => item.name.startsWith('insight_') && item.is_changeable)
  const chosen = data.items.find((item) => item.name === 'insight_provider')?.value
  return (
    <>
      <Card title={say('change')}>
        <ul className={classes.rows}>
          {settings.map((setting) => (
            <SettingRow key={setting.name} setting={setting} />
          ))}
        </ul>
      </Card>
      <Card title={say('providers')} about={say('keysWhy')}>
        <ul className={classes.rows}>
          {PROVIDERS.filter((one) => one !== 'none').map((one) => {
            const shown = shownValue(data.items.find((item) => item.name === KEYS[one])?.value)
            return (
              <li key={one} className={classes.row}>
                <div className={classes.grow}>
                  <Text size="sm" fw={500}>
                    {provider(one)}
                    {one === chosen && <Mark tone="accent">{say('chosen')}</Mark>}
                  </Text>
                  <Text component="code" className={classes.quiet}>
                    {variableOf(KEYS[one])}
                  </Text>
                </div>
                <Text size="sm" className={shown.as === 'hidden' ? undefined : 'sl-quiet'}>
                  {say(shown.as === 'hidden' ? 'keyThere' : one === 'openai_compatible' ? 'noKeyNeeded' : 'noKey')}
                </Text>
              </li>
            )
          })}
        </ul>
        <Text size="sm" className="sl-quiet" mt="xs">
          {say('restart')}
        </Text>
      </Card>
    </>
  )
}
