import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { openAdd, useAdding } from '@/state/adding'
import { useWho } from '@/state/session'
import { carried, filesOf, isTyping } from './arrivals'
import { hasRemembered, onRemembered } from './hint'

const Uploads = lazy(() => import('./Uploads'))
const Overlay = lazy(() => import('./Overlay'))

/** Takes what is dropped or pasted anywhere. All else of uploads is loaded when somebody first needs it. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const who = useWho()
  const mayAdd = who.workspaces.some(({ role }) => role !== 'viewer')
  const isAdding = useAdding() !== null
  const [isNeeded, setNeeded] = useState(hasRemembered)
  const over = useDrop(mayAdd)
  usePaste(mayAdd)

  useEffect(() => {
    if (isAdding) setNeeded(true)
  }, [isAdding])
  useEffect(() => onRemembered(() => setNeeded(true)), [])
  return (
    <>
      {children}
      <Suspense fallback={null}>
        {over && <Overlay what={over} mayAdd={mayAdd} />}
        {isNeeded && who.user && <Uploads userId={who.user.id} />}
      </Suspense>
    </>
  )
}

/** What is held over the page now, or null. */
function useDrop(mayAdd: boolean): 'files' | 'link' | null {
  const [over, setOver] = useState<'files' | 'link' | null>(null)
  useEffect(() => {
    // A drag enters and leaves every element it passes: it is over the page while more were entered than left.
    let depth = 0
    const end = () => {
      depth = 0
      setOver(null)
    }
    // A picture or link of the page itself that is pulled somewhere is not brought in from outside.
    let isOwn = false
    const own = (event: DragEvent) => {
      isOwn = event.type === 'dragstart'
    }
    const enter = (event: DragEvent) => {
      const what = isOwn ? null : carried(event.dataTransfer)
      if (!what) return
      depth += 1
      setOver(what)
    }
    const leave = () => {
      depth -= 1
      if (depth <= 0) end()
    }
    const stay = (event: DragEvent) => {
      if (isOwn || !event.dataTransfer || !carried(event.dataTransfer)) return
      // Without this the browser would leave the page for the file.
      event.preventDefault()
      event.dataTransfer.dropEffect = mayAdd ? 'copy' : 'none'
    }
    const drop = (event: DragEvent) => {
      end()
      const what = carried(event.dataTransfer)
      if (isOwn || !event.dataTransfer || !what) return
      event.preventDefault()
      if (!mayAdd) return
      if (what === 'link') openAdd({ url: event.dataTransfer.getData('text/uri-list') })
      else void filesOf(event.dataTransfer).then((files) => openAdd({ files }))
    }
    window.addEventListener('dragstart', own)
    window.addEventListener('dragend', own)
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragleave', leave)
    window.addEventListener('dragover', stay)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragstart', own)
      window.removeEventListener('dragend', own)
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('dragover', stay)
      window.removeEventListener('drop', drop)
    }
  }, [mayAdd])
  return over
}

function usePaste(mayAdd: boolean): void {
  useEffect(() => {
    if (!mayAdd) return
    const paste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !event.clipboardData) return
      const files = [...event.clipboardData.files]
      const text = event.clipboardData.getData('text/plain').trim()
      if (files.length > 0) openAdd({ files })
      else if (/^(https?|s3):\/\/\S+$/i.test(text)) openAdd({ url: text })
      else return
      event.preventDefault()
    }
    window.addEventListener('paste', paste)
    return () => window.removeEventListener('paste', paste)
  }, [mayAdd])
}
