import { useQuery } from '@tanstack/react-query'
import { isShare, type Schemas } from '@/api/client'
import { useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { useWords } from '@/state/words'
import { baseOf, templatesOf, titleOf } from './templates'
import { TEXT } from './text'

/** An analysis, or what a list says of it. */
type Judged = Pick<Schemas['AnalysisView'], 'desk' | 'workspace_id' | 'template'> &
  Partial<Pick<Schemas['AnalysisDetail'], 'template_title'>>

/** What a template is called, for people; one whose limits were changed says so. */
export function useTemplateTitle(of: Judged, name: string): string {
  const say = useText(TEXT)
  const language = useLanguage()
  const { data = [] } = useQuery({ ...templatesOf(of.desk, of.workspace_id), enabled: !isShare() })
  const word = useWords()
  const titled = (wanted: string) => {
    const found = data.find((one) => one.name === wanted)
    return found && titleOf(found, language)
  }
  // Whoever has a share link may not list templates, but those that come with Sightline have their words.
  const shipped = (wanted: string) => word(`template.${of.desk}.${wanted}`, wanted)
  const said = name === of.template ? of.template_title?.[language] || of.template_title?.en : undefined
  const base = baseOf(name)
  return titled(name) ?? said ?? (base ? say('changedLimits', { title: titled(base) ?? shipped(base) }) : shipped(name))
}
