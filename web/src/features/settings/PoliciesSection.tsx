import { Anchor, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconBan, IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { asked, client } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useWho } from '@/state/session'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { Card } from '@/ui/Card'
import { ErrorNote } from '@/ui/ErrorNote'
import { Mark } from '@/ui/Mark'
import { wordsOf } from './installationQueries'
import { type Policy, policiesOf } from './policies'
import classes from './Settings.module.css'
import { TEXT } from './text'
import { POLICIES } from './textPolicies'

const PARTS = ['emotion', 'cues', 'overall'] as const

/** What people may be analysed for here, and what goes with each purpose. */
export default function PoliciesSection() {
  const say = useText(POLICIES)
  const words = useText(TEXT)
  const who = useWho()
  const language = useLanguage()
  const allowed = useQuery({ queryKey: ['policies'], queryFn: () => asked(client.GET('/api/v1/policies')) })
  const known = useQuery(wordsOf(language))
  const error = allowed.error ?? known.error
  return (
    <Stack gap="sm">
      <Text size="sm" className="sl-quiet">
        {say('about')}{' '}
        {who.is_admin && (
          <Anchor
            size="sm"
            underline="always"
            renderRoot={(props) => <Link {...props} to="/settings/{-$section}" params={{ section: 'installation' }} />}
          >
            {say('change', { section: words('installation') })}
          </Anchor>
        )}
      </Text>
      {error && <ErrorNote error={error} again={() => void allowed.refetch()} />}
      {!error && !(allowed.data && known.data) && <Skeleton height={240} />}
      {allowed.data &&
        known.data &&
        policiesOf(allowed.data.items, known.data.words, language).map((policy) => (
          <PolicyCard key={policy.id} policy={policy} />
        ))}
    </Stack>
  )
}

function PolicyCard({ policy }: { policy: Policy }) {
  const say = useText(POLICIES)
  const word = useWords()
  return (
    <Card
      title={policy.name}
      about={policy.meaning}
      actions={
        <Mark
          tone={policy.isAllowed ? 'pass' : 'none'}
          icon={policy.isAllowed ? <IconCheck size={13} /> : <IconBan size={13} />}
        >
          {say(policy.isAllowed ? 'allowed' : 'notAllowed')}
        </Mark>
      }
    >
      {policy.isAllowed && (
        <Group gap="xl">
          <dl className={classes.facts}>
            <dt>{say('consent')}</dt>
            <dd>{say(policy.needsConsent ? 'consentNeeded' : 'noConsent')}</dd>
            {PARTS.map((part) => (
              <Fact key={part} label={word(`policy.denies.${part}`, part)} isDenied={policy.denies.includes(part)} />
            ))}
          </dl>
        </Group>
      )}
    </Card>
  )
}

function Fact({ label, isDenied }: { label: string; isDenied: boolean }) {
  const say = useText(POLICIES)
  return (
    <>
      <dt>{label}</dt>
      <dd>{say(isDenied ? 'denied' : 'given')}</dd>
    </>
  )
}
