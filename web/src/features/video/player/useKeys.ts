import { useEffect, useSyncExternalStore } from 'react'
import type { Actions } from './actions'
import { actionOf, isForElement } from './keys'

/** Single keys can be turned off (WCAG 2.1.4); kept in the browser. */
const KEPT = 'sightline.keys'
const listeners = new Set<() => void>()

export function areKeysOn(): boolean {
  return localStorage.getItem(KEPT) !== 'off'
}

export function setKeysOn(isOn: boolean): void {
  localStorage.setItem(KEPT, isOn ? 'on' : 'off')
  for (const listener of listeners) listener()
}

export function useKeysOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, areKeysOn)
}

/** The page's keys, wherever the focus is, unless what has it needs them itself. */
export function useKeys(actions: Actions): void {
  const isOn = useKeysOn()
  useEffect(() => {
    if (!isOn) return
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const action = actionOf(event)
      if (!action || isForElement(event.target as Element | null, event)) return
      event.preventDefault()
      actions[action]()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [actions, isOn])
}
