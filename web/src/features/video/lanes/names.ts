import { type Language, useLanguage } from '@/state/language'
import { useText } from '@/state/text'
import { told, useWords } from '@/state/words'
import type { CurveSpec, LaneId } from './groups'
import type { Lane } from './layout'
import { TEXT } from './text'

type Own = keyof (typeof TEXT)['en']

/** What the server calls each signal. */
export type Labels = ReadonlyMap<string, Partial<Record<Language, string>>>

export interface Names {
  readonly word: (key: string, otherwise: string) => string
  readonly signal: (name: string) => string
  readonly curve: (spec: CurveSpec) => string
  readonly lane: (lane: Pick<Lane, 'id' | 'group'>) => string
}

/** What lanes and curves are called, in the server's words where it has some. */
export function useNames(labels: Labels): Names {
  const language = useLanguage()
  const say = useText(TEXT)
  const word = useWords()
  const own = (key: string, otherwise: string) => (key in TEXT.en ? say(key as Own) : otherwise)
  const named = (key: string, otherwise: string) => word(key, own(key, otherwise))
  const signal = (name: string) => told(labels.get(name), language) || name
  return {
    word: named,
    signal,
    curve: (spec) => (spec.word ? named(spec.word, signal(spec.signal)) : signal(spec.signal)),
    lane: ({ id, group }: { id: LaneId; group: Lane['group'] }) => {
      if (!group) return own(id, id)
      return id.startsWith('signal:') ? signal(group.id) : named(group.word, group.id)
    },
  }
}
