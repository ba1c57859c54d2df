import { asked, client, Problem } from '@/api/client'
import type { Language } from '@/state/language'
import { told } from '@/state/words'
import { type BulkAction, changeMany } from './api'

/** What became of each of many. */
export interface Outcome {
  readonly done: readonly string[]
  readonly failed: readonly Failure[]
}

export interface Failure {
  readonly id: string
  readonly message: string
}

export interface AnalysisWish {
  readonly desk: 'qc' | 'interview'
  readonly template: string
  readonly options: Readonly<Record<string, unknown>>
}

export const MOST_CHANGED = 500
export const MOST_ANALYSED = 200

export function inPieces<Item>(items: readonly Item[], size: number): Item[][] {
  const cut: Item[][] = []
  for (let at = 0; at < items.length; at += size) cut.push(items.slice(at, at + size))
  return cut
}

function joined(outcomes: readonly Outcome[]): Outcome {
  return { done: outcomes.flatMap((one) => one.done), failed: outcomes.flatMap((one) => one.failed) }
}

function refused(ids: readonly string[], error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error)
  return { done: [], failed: ids.map((id) => ({ id, message })) }
}

export async function changeAll(
  ids: readonly string[], action: BulkAction, tags: readonly string[], language: Language,
): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const piece of inPieces(ids, MOST_CHANGED)) {
    try {
      const { done, failed } = await changeMany(piece, action, tags)
      outcomes.push({ done, failed: failed.map(({ id, message }) => ({ id, message: told(message, language) })) })
    } catch (error) {
      outcomes.push(refused(piece, error))
    }
  }
  return joined(outcomes)
} // biome-ignore format: arguments of one kind

/**
 * Queues the same analysis of many. The server queues all of a batch or none; where it queues none, each is asked for
 * alone, so that one that cannot be does not keep the others back and it is known which it was.
 */
export async function analyseAll(
  ids: readonly string[], wish: AnalysisWish, ask: typeof askBatch = askBatch, askAlone: typeof askOne = askOne,
): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const piece of inPieces(ids, MOST_ANALYSED)) {
    try {
      await ask(piece, wish)
      outcomes.push({ done: piece, failed: [] })
    } catch (error) {
      const isOver = piece.length === 1 || (error instanceof Problem && error.isUnreachable)
      if (isOver) outcomes.push(refused(piece, error))
      else for (const id of piece) outcomes.push(await alone(id, wish, askAlone))
    }
  }
  return joined(outcomes)
} // biome-ignore format: arguments of one kind

async function alone(id: string, wish: AnalysisWish, askAlone: typeof askOne): Promise<Outcome> {
  try {
    await askAlone(id, wish)
    return { done: [id], failed: [] }
  } catch (error) {
    return refused([id], error)
  }
}

function askBatch(ids: readonly string[], wish: AnalysisWish): Promise<unknown> {
  return asked(client.POST('/api/v1/analyses/batch', { body: { video_ids: [...ids], priority: 0, ...wish } }))
}

function askOne(id: string, wish: AnalysisWish): Promise<unknown> {
  return asked(client.POST('/api/v1/analyses', { body: { video_id: id, waivers: [], priority: 0, ...wish } }))
}
