import { isShare, Problem } from '@/api/client'

/** Whether the server does not know (any more) who asks. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && error.status === 401
}

/** Goes to sign in when a session has ended, and comes back to where one was. Share links have nowhere to go. */
export function leaveWhenSignedOut(error: unknown): void {
  if (!isSignedOut(error) || isShare()) return
  const back = window.location.pathname + window.location.search
  window.location.assign(`/sign-in?next=${encodeURIComponent(back)}`)
}
