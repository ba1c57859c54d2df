/** How a file is told from others without reading it: the same name, size and time of the last change. */
export function fingerprint(file: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return `${file.size}:${file.lastModified}:${file.name.normalize('NFC')}`
}

export type Difference = 'name' | 'size' | 'changed'

/** Why a file is not the one an upload began with; null: it is. The size weighs most, then the time, then the name. */
export function difference(wanted: string, file: Pick<File, 'name' | 'size' | 'lastModified'>): Difference | null {
  const [size, modified, ...name] = wanted.split(':')
  if (Number(size) !== file.size) return 'size'
  if (Number(modified) !== file.lastModified) return 'changed'
  return name.join(':') === file.name.normalize('NFC') ? null : 'name'
}

const ENDINGS = new Set(
  (
    'mp4 m4v mov qt mkv webm avi mxf mts m2ts ts mpg mpeg m2v m1v vob ogv ogg wmv asf flv f4v 3gp 3g2 dv gif ' +
    'hevc h264 h265 264 265 ivf y4m gxf lxf nut wtv divx mp3 m4a aac wav flac opus oga aif aiff wma ac3 eac3 mka'
  ).split(' '),
)
/** Files that lie in folders without anybody having put them there. */
const LITTER = /^(\..*|thumbs\.db|desktop\.ini|__macosx)$/i

export type Refusal = 'kind' | 'empty' | 'large' | 'again'

export interface Refused {
  /** Its place among the files that were pointed at. */
  readonly index: number
  readonly name: string
  readonly why: Refusal
}

/** Whether a file may hold video or sound, by what it is called; the server looks inside. */
export function maybeVideo(file: Pick<File, 'name' | 'type'>): boolean {
  if (/^(video|audio)\//.test(file.type)) return true
  const ending = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase()
  return ending !== undefined && ENDINGS.has(ending)
}

export function isLitter(name: string): boolean {
  return LITTER.test(name)
}

/** Those that can be sent, each once, and why the others cannot. Litter of folders is passed over in silence. */
export function sorted(
  files: readonly File[],
  mostBytes = Number.POSITIVE_INFINITY,
): { taken: readonly File[]; refused: readonly Refused[] } {
  const taken: File[] = []
  const refused: Refused[] = []
  const seen = new Set<string>()
  for (const [index, file] of files.entries()) {
    if (isLitter(file.name)) continue
    const print = fingerprint(file)
    if (!maybeVideo(file)) refused.push({ index, name: file.name, why: 'kind' })
    else if (file.size === 0) refused.push({ index, name: file.name, why: 'empty' })
    else if (file.size > mostBytes) refused.push({ index, name: file.name, why: 'large' })
    else if (!seen.has(print)) taken.push(file)
    seen.add(print)
  }
  return { taken, refused }
}

/** The addresses in a text, one a line or with blanks between, each once. */
export function addressesIn(text: string): readonly string[] {
  const words = text.split(/\s+/).filter((word) => /^(https?|s3):\/\/[^\s/]+/i.test(word))
  return [...new Set(words)]
}
