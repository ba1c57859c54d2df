import { noteHandle } from './handles'

const MOST_FILES = 2000
const PATIENCE_MS = 500

type Handled = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/**
 * The files of a drop, those in folders too. Has to be called while the event is dispatched: later the browser shows
 * nothing any more.
 */
export function filesOf(dropped: DataTransfer): Promise<readonly File[]> {
  const items = [...dropped.items].filter((item) => item.kind === 'file') as Handled[]
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null)
  const handles = items.map((item) => item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null))
  const plain = items.map((item) => item.getAsFile())
  return collected(entries, handles, plain)
}

async function collected(
  entries: readonly (FileSystemEntry | null)[],
  handles: readonly Promise<FileSystemHandle | null>[],
  plain: readonly (File | null)[],
): Promise<readonly File[]> {
  const found: File[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry?.isDirectory) {
      await walk(entry as FileSystemDirectoryEntry, found)
      continue
    }
    const file = plain[index]
    if (!file) continue
    const handle = await soon(handles[index])
    if (handle?.kind === 'file') noteHandle(file, handle as FileSystemFileHandle)
    found.push(file)
  }
  return found
}

/** A handle is a comfort: a browser that does not come up with one in a moment is not waited for. */
function soon(handle: Promise<FileSystemHandle | null> | undefined): Promise<FileSystemHandle | null> {
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))
  return Promise.race([handle ?? patience, patience])
}

function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  // A file that cannot be read is as if it were not there: the rest of the folder still comes.
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)))
}

async function walk(folder: FileSystemDirectoryEntry, found: File[]): Promise<void> {
  const reader = folder.createReader()
  while (found.length < MOST_FILES) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])))
    if (batch.length === 0) return
    for (const entry of batch) {
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, found)
      else {
        const file = await fileOf(entry as FileSystemFileEntry)
        if (file) found.push(file)
      }
    }
  }
}

/** Whether a drag or paste carries files, a web address, or nothing that can be added. */
export function carried(transfer: DataTransfer | null): 'files' | 'link' | null {
  if (!transfer) return null
  if (transfer.types.includes('Files')) return 'files'
  return transfer.types.includes('text/uri-list') ? 'link' : null
}

/** Whether typing goes somewhere: there a paste is a paste. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.closest('input, textarea, select, [role="textbox"]') !== null
}
