import { describe, expect, test } from 'vitest'
import { addressesIn, difference, fingerprint, maybeVideo, sorted } from '@/features/uploads/files'

const file = (name: string, size = 10, lastModified = 1000, type = ''): File =>
  ({ name, size, lastModified, type }) as File

describe('a fingerprint', () => {
  test('is the same for the same file however its name is composed', () => {
    expect(fingerprint(file('면접.mp4'.normalize('NFD')))).toBe(fingerprint(file('면접.mp4'.normalize('NFC'))))
  })

  test('tells what differs, the size first', () => {
    const wanted = fingerprint(file('a:b.mp4', 10, 1000))
    expect(difference(wanted, file('a:b.mp4', 10, 1000))).toBeNull()
    expect(difference(wanted, file('other.mp4', 11, 2000))).toBe('size')
    expect(difference(wanted, file('a:b.mp4', 10, 2000))).toBe('changed')
    expect(difference(wanted, file('b.mp4', 10, 1000))).toBe('name')
  })
})

describe('files that were pointed at', () => {
  test('may be video by their type or their ending', () => {
    expect(maybeVideo(file('clip.MP4'))).toBe(true)
    expect(maybeVideo(file('master.mxf'))).toBe(true)
    expect(maybeVideo(file('no-ending', 10, 0, 'video/mp4'))).toBe(true)
    expect(maybeVideo(file('voice', 10, 0, 'audio/flac'))).toBe(true)
    expect(maybeVideo(file('notes.txt', 10, 0, 'text/plain'))).toBe(false)
    expect(maybeVideo(file('mp4'))).toBe(false)
  })

  test('are taken once each, with a reason for every other', () => {
    const { taken, refused } = sorted(
      [file('a.mp4'), file('a.mp4'), file('b.pdf'), file('c.mov', 0), file('d.mkv', 200), file('e.webm')],
      100,
    )
    expect(taken.map(({ name }) => name)).toEqual(['a.mp4', 'e.webm'])
    expect(refused.map(({ name, why }) => [name, why])).toEqual([
      ['b.pdf', 'kind'],
      ['c.mov', 'empty'],
      ['d.mkv', 'large'],
    ])
  })

  test('that systems put into folders are passed over in silence', () => {
    expect(sorted([file('.DS_Store'), file('Thumbs.db'), file('._a.mp4')])).toEqual({ taken: [], refused: [] })
  })
})

test('addresses are found in a text, each once', () => {
  expect(
    addressesIn(' https://a.org/x.mp4\ns3://bucket/y.mov https://a.org/x.mp4 ftp://no.org/z file.mp4 https:// '),
  ).toEqual(['https://a.org/x.mp4', 's3://bucket/y.mov'])
})
