/** A file an analysis can leave as: what it is for stands in the words of this part. */
export const FORMATS = {
  html: '.html', pdf: '.pdf', csv: '.csv', json: '.json', vtt: '.vtt',
  'ebu-xml': '.ebuqc.xml', junit: '.junit.xml', edl: '.edl', fcp7: '.xml', otio: '.otio', qctools: '.qctools.xml.gz',
} as const // biome-ignore format: one table
export type Format = keyof typeof FORMATS

/** Those that tell faults of a media have no meaning for an analysis of a person. */
const OF_A_PERSON: readonly Format[] = ['html', 'pdf', 'csv', 'json', 'vtt']

export interface Formats {
  readonly id: 'people' | 'data' | 'editing'
  readonly formats: readonly Format[]
}

const GROUPS: readonly Formats[] = [
  { id: 'people', formats: ['html', 'pdf'] },
  { id: 'editing', formats: ['edl', 'fcp7', 'otio', 'vtt'] },
  { id: 'data', formats: ['csv', 'json', 'ebu-xml', 'junit', 'qctools'] },
]

/** The formats of a desk, by whom they are for. */
export function formatsOf(desk: string): readonly Formats[] {
  if (desk !== 'interview') return GROUPS
  return GROUPS.map(({ id, formats }) => ({ id, formats: formats.filter((one) => OF_A_PERSON.includes(one)) })).filter(
    ({ formats }) => formats.length > 0,
  )
}

/** Formats whose words depend on the language that is asked for. */
export function speaks(format: Format): boolean {
  return !['json', 'qctools'].includes(format)
}

/** What the file is called where it is kept: after the video, without signs that some disks refuse. */
export function fileName(video: string, template: string, format: Format): string {
  const stem = video.replace(/\.[A-Za-z0-9]{1,5}$/, '')
  const clean = `${stem} ${template}`.replace(/[\\/:*?"<>|]|\p{Cc}/gu, '_').trim()
  return `${clean || 'report'}${FORMATS[format]}`
}
