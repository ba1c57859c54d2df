import { Anchor, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconClock } from '@tabler/icons-react'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import classes from './Templates.module.css'
import { TEXT } from './text'
import type { Problem } from './types'

interface Shown {
  readonly problems: ReadonlyMap<number, readonly Problem[]>
  readonly isBusy: boolean
  readonly onGo: (line: number) => void
}

/** Whether the text can be used; what is wrong otherwise, each with the way to its line. */
export function Problems({ problems, isBusy, onGo }: Shown) {
  const say = useText(TEXT)
  const language = useLanguage()
  return (
    <div id="template-problems" role="status" aria-live="polite" aria-busy={isBusy}>
      {problems.size === 0 ? (
        <Group gap={6} className={isBusy ? 'sl-quiet' : classes.fine}>
          {isBusy ? <IconClock size={16} aria-hidden /> : <IconCheck size={16} stroke={2.2} aria-hidden />}
          <Text size="sm">{say(isBusy ? 'checking' : 'valid')}</Text>
        </Group>
      ) : (
        <Stack gap={4} className={classes.wrong}>
          {[...problems].flatMap(([line, all]) =>
            all.map((problem) => (
              <Group key={`${line} ${problem.code} ${problem.where}`} gap={8} wrap="nowrap" align="start">
                <IconAlertTriangle size={16} aria-hidden className={classes.sign} />
                <Text size="sm">
                  {line > 0 && (
                    <>
                      <Anchor component="button" type="button" size="sm" fw={600} onClick={() => onGo(line)}>
                        {say('line', { line })}
                      </Anchor>{' '}
                    </>
                  )}
                  {told(problem.message, language)}
                </Text>
              </Group>
            )),
          )}
        </Stack>
      )}
    </div>
  )
}
