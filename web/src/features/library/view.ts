import type { View } from './filter'

const KEPT = 'sightline.library.view'

/** How the library was looked at last in this browser. */
export function keptView(): View {
  return localStorage.getItem(KEPT) === 'list' ? 'list' : 'grid'
}

export function keepView(view: View): void {
  localStorage.setItem(KEPT, view)
}
