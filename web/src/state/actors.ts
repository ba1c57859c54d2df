/** Whether something was done by somebody who has no more than a share link (src/sightline/library/actor.py). */
export function isByLink(who: string): boolean {
  return who.startsWith('share:')
}
