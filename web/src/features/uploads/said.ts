import type { Fields } from '@/state/text'
import type { Queue } from './queue'

export interface News {
  readonly key: 'saidAdded' | 'saidDone' | 'saidFailed' | 'saidAway'
  readonly fields: Fields
}

/** What is worth reading out of a change of the queue: what was added and how uploads ended, not how they go on. */
export function said(before: Queue, after: Queue): readonly News[] {
  const known = new Map(before.map((upload) => [upload.id, upload.phase]))
  const news: News[] = []
  const added = after.filter(({ id, phase }) => !known.has(id) && (phase === 'waiting' || phase === 'sending'))
  if (added.length > 0) news.push({ key: 'saidAdded', fields: { count: added.length } })
  for (const { id, phase, name } of after) {
    if (known.get(id) === phase) continue
    if (phase === 'done') news.push({ key: 'saidDone', fields: { name } })
    if (phase === 'failed') news.push({ key: 'saidFailed', fields: { name } })
  }
  const isAway = (queue: Queue) => queue.some(({ phase, tries }) => phase === 'away' || tries > 0)
  if (isAway(after) && !isAway(before)) news.push({ key: 'saidAway', fields: {} })
  return news
}
