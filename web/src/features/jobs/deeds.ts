import { asked, client } from '@/api/client'
import { type Deed, priorityAfter, type Target } from './doing'

/** Does one thing to one job. Throws `Problem`. */
export function doTo(deed: Deed, { id, priority = 0 }: Target) {
  const params = { path: { job_id: id } }
  if (deed === 'cancel') return asked(client.POST('/api/v1/jobs/{job_id}/cancel', { params }))
  if (deed === 'retry') return asked(client.POST('/api/v1/jobs/{job_id}/retry', { params }))
  return asked(client.PATCH('/api/v1/jobs/{job_id}', { params, body: { priority: priorityAfter(deed, priority) } }))
}
