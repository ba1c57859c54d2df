import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconPlus, IconSparkles } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { openAdd } from '@/state/adding'
import { ErrorNote } from '@/ui/ErrorNote'
import { makeSample } from './api'
import classes from './first.module.css'
import { useShown } from './shown'

const STEPS = [
  ['step1', 'step1What'],
  ['step2', 'step2What'],
  ['step3', 'step3What'],
] as const

/** An empty library says what Sightline does and how to begin. */
export function FirstUse({ workspaceId, mayEdit }: { workspaceId: string | null; mayEdit: boolean }) {
  const { say, go } = useShown()
  const queries = useQueryClient()
  const sample = useMutation({
    mutationFn: () => makeSample(workspaceId),
    onSuccess: (video) => {
      void queries.invalidateQueries({ queryKey: ['videos'] })
      go(video.id)
    },
  })
  if (!mayEdit) return <Text className="sl-quiet">{say('emptyViewer')}</Text>
  return (
    <section className={classes.first}>
      <Stack gap="xs" align="center" ta="center">
        <Title order={2} className={classes.title}>
          {say('welcome')}
        </Title>
        <Text className="sl-quiet" maw={620}>
          {say('welcomeWhat')}
        </Text>
      </Stack>
      <ol className={classes.steps}>
        {STEPS.map(([step, what], index) => (
          <li key={step} className={`sl-card ${classes.step}`}>
            <span className={classes.number} aria-hidden>
              {index + 1}
            </span>
            <Text fw={600}>{say(step)}</Text>
            <Text size="sm" className="sl-quiet">
              {say(what)}
            </Text>
          </li>
        ))}
      </ol>
      <Group justify="center" gap="sm">
        <Button size="md" leftSection={<IconPlus size={18} aria-hidden />} onClick={() => openAdd()}>
          {say('addFirst')}
        </Button>
        <Button
          size="md"
          variant="default"
          leftSection={<IconSparkles size={18} aria-hidden />}
          loading={sample.isPending}
          onClick={() => sample.mutate()}
        >
          {say('sample')}
        </Button>
      </Group>
      <Text size="sm" className="sl-quiet" ta="center" role="status">
        {say(sample.isPending ? 'makingSample' : 'sampleWhat')}
      </Text>
      {sample.error ? <ErrorNote error={sample.error} again={() => sample.mutate()} /> : null}
    </section>
  )
}
