import { catalogue } from '@/state/text'
import { DOING } from './doingText'
import { LIST } from './listText'

export const TEXT = catalogue({ ...LIST.en, ...DOING.en }, { ...LIST.ko, ...DOING.ko })

export type TextKey = keyof (typeof TEXT)['en']
