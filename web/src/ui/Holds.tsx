import { useQuery } from '@tanstack/react-query'
import { asked, client, isShare } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told } from '@/state/words'
import classes from './Holds.module.css'
import { TEXT } from './text'

const LOOK_MS = 10_000

/** Why nothing that waits begins just now; nothing where it does. Share links may not know. */
export function Holds() {
  const say = useText(TEXT)
  const language = useLanguage()
  const { data } = useQuery({
    queryKey: ['system', 'holds'],
    queryFn: async () => (await asked(client.GET('/api/v1/system'))).holds,
    enabled: !isShare(),
    refetchInterval: LOOK_MS,
  })
  if (!data || data.length === 0) return null
  return (
    <div className={classes.holds} role="status">
      <strong>{say('holds')}</strong>
      {data.map((why) => (
        <p key={why.en}>{told(why, language)}</p>
      ))}
    </div>
  )
}
