import { type ReactNode, useEffect, useRef, useState } from 'react'

/**
 * Holds what may be wider than the screen: it scrolls by itself, and where it does, the keyboard reaches it.
 * `label` says what is in it.
 */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    const shown = box.current
    if (!shown) return
    const look = () => setIsOver(shown.scrollWidth > shown.clientWidth + 1)
    look()
    const watcher = new ResizeObserver(look)
    watcher.observe(shown)
    for (const child of shown.children) watcher.observe(child)
    return () => watcher.disconnect()
  }, [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of nothing that is filled in
    <div
      ref={box}
      role="group"
      aria-label={label}
      tabIndex={isOver ? 0 : undefined}
      // What is hidden from the eye has its place in here as well, and makes the page no wider.
      style={{ overflowX: 'auto', position: 'relative' }}
    >
      {children}
    </div>
  )
}
