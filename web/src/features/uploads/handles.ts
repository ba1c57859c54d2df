/** Ways back to files after the browser was closed, for those files the browser gave one with. */
const handles = new WeakMap<File, FileSystemFileHandle>()

export function noteHandle(file: File, handle: FileSystemFileHandle): void {
  handles.set(file, handle)
}

export function handleOf(file: File): FileSystemFileHandle | undefined {
  return handles.get(file)
}

/** What Chromium adds to handles, and the DOM's types lack. */
type Permitted = FileSystemFileHandle & {
  queryPermission?(asked: { mode: 'read' }): Promise<PermissionState>
  requestPermission?(asked: { mode: 'read' }): Promise<PermissionState>
}

/** The file, once a person has allowed it; null where he did not. Only from a click. Throws where it is gone. */
export async function askedFile(handle: Permitted): Promise<File | null> {
  const state = await handle.requestPermission?.({ mode: 'read' })
  return state === undefined || state === 'granted' ? handle.getFile() : null
}

/** The file, where nobody has to be asked. Throws where it is gone. */
export async function grantedFile(handle: Permitted): Promise<File | null> {
  return (await handle.queryPermission?.({ mode: 'read' })) === 'granted' ? handle.getFile() : null
}
