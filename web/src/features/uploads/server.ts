import { queryOptions } from '@tanstack/react-query'
import { asked, client, Problem, type Schemas } from '@/api/client'
import type { AnalysisChoice } from './choice'
import type { Outcome, Trouble, Upload } from './queue'

export function idOf(address: string): string {
  return address.split('/').at(-1) ?? ''
}

/** How far the server is with an upload known from an earlier visit. Throws `Problem`. */
export async function standing(address: string): Promise<{ sent: number; isHere: boolean } | null> {
  const upload_id = idOf(address)
  try {
    const told = await asked(client.GET('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } }))
    if (told.state === 'failed') return null
    const { response } = await client.HEAD('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })
    const sent = Number(response.headers.get('Upload-Offset') ?? 0)
    return { sent, isHere: told.state === 'done' || (told.size_bytes !== null && sent === told.size_bytes) }
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null
    throw error
  }
}

/** Forgets what has come of an upload. A piece that is still on its way keeps the server busy with it for a moment. */
export async function giveUp(address: string): Promise<void> {
  const upload_id = idOf(address)
  for (const pause of [0, 500, 2000, 5000]) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    const { response } = await client.DELETE('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })
    if (response.status !== 409) return
  }
}

/**
 * What became of an upload whose bytes are all there; null while the server is still making a video of it.
 *
 * Asks for the analysis, too: once, however often this is called. Throws `Problem`.
 */
export async function outcomeOf(upload: Upload): Promise<Outcome | Trouble | null> {
  const upload_id = idOf(upload.address ?? '')
  const told = await asked(client.GET('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } }))
  if (told.state === 'failed') return { code: told.error?.code ?? 'failed', message: messageOf(told.error) }
  if (told.video_id === null) return null
  const video_id = told.video_id
  const video = await asked(client.GET('/api/v1/videos/{video_id}', { params: { path: { video_id } } }))
  const wasThere = new Date(video.created_at) < new Date(told.created_at)
  const made = upload.analysis ? await analysed(video_id, upload.id, upload.analysis) : null
  return {
    videoId: video_id,
    analysisId: typeof made === 'string' ? made : null,
    sameAs: wasThere ? video.name : null,
    trouble: typeof made === 'string' ? null : made,
  }
}

async function analysed(video_id: string, key: string, choice: AnalysisChoice): Promise<string | Trouble> {
  try {
    const made = await asked(
      client.POST('/api/v1/analyses', {
        params: { header: { 'Idempotency-Key': `upload-${key}` } },
        body: { video_id, desk: choice.desk, template: choice.template, options: { ...choice.options }, priority: 0 },
      }),
    )
    return made.id
  } catch (error) {
    if (!(error instanceof Problem) || error.isUnreachable || error.status >= 500) throw error
    return { code: error.code, message: error.message }
  }
}

export async function fetchFrom(
  url: string,
  plan: { workspaceId: string; tags: readonly string[]; analysis: AnalysisChoice | null },
): Promise<Schemas['UploadView']> {
  const { analysis } = plan
  return await asked(
    client.POST('/api/v1/videos/from-url', {
      body: {
        url,
        workspace_id: plan.workspaceId,
        tags: [...plan.tags],
        desk: analysis?.desk ?? 'qc',
        template: analysis?.template ?? null,
        options: { ...analysis?.options },
      },
    }),
  )
}

/** How the server is with what it fetches. */
export function fetchedOptions(upload_id: string) {
  return queryOptions({
    queryKey: ['uploads', upload_id],
    queryFn: () => asked(client.GET('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })),
  })
}

function messageOf(error: Schemas['ErrorView'] | null): string {
  const texts: Record<string, string> = error?.message ?? {}
  return texts[document.documentElement.lang] ?? texts.en ?? ''
}

/** What a failure to learn the outcome means for the upload. */
export function judged(error: unknown): { trouble: Trouble; isAway: boolean; isGone: boolean } {
  const problem = error instanceof Problem ? error : new Problem(0, 'unreachable', String(error))
  return {
    trouble: { code: problem.code, message: problem.isUnreachable ? '' : problem.message },
    isAway: problem.isUnreachable || problem.status >= 500,
    isGone: problem.status === 404,
  }
}
