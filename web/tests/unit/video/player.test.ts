import { describe, expect, test } from 'vitest'
import { stopFrom } from '@/features/video/player/actions'
import { actionOf, KEYS, type Press } from '@/features/video/player/keys'
import { momentFromText, rulerText, timecodeAt } from '@/features/video/player/moment'
import { evenPictures, lastAtOrBefore, measuredPictures, Pictures } from '@/features/video/player/pictures'
import { faster } from '@/features/video/player/shuttle'
import {
  canDrop, frameOfTimecode, perSecond, type Rate, rateFromText, rateOf, timecode,
} from '@/features/video/player/timecode' // biome-ignore format: one line
import { seconds } from '@/state/seconds'

const NTSC: Rate = { count: 30000, per: 1001 }
const NTSC60: Rate = { count: 60000, per: 1001 }
const PAL: Rate = { count: 25, per: 1 }

describe('time code', () => {
  test('a rounded rate is the exact one it stands for', () => {
    expect(rateOf(29.97)).toEqual(NTSC)
    expect(rateOf(30000 / 1001)).toEqual(NTSC)
    expect(rateOf(23.976)).toEqual({ count: 24000, per: 1001 })
    expect(rateOf(30)).toEqual({ count: 30, per: 1 })
    expect(rateOf(59.94006)).toEqual(NTSC60)
    expect(rateOf(12.5)).toEqual({ count: 25, per: 2 })
    expect(rateOf(0)).toBeNull()
    expect(rateOf(null)).toBeNull()
    expect(perSecond(rateOf(17.123) as Rate)).toBeCloseTo(17.123, 3)
    expect(rateFromText('30000/1001')).toEqual(NTSC)
    expect(rateFromText('25')).toEqual(PAL)
    expect(rateFromText('0/0')).toBeNull()
  })

  test('is counted in hours, minutes, seconds and pictures', () => {
    expect(timecode(0, PAL)).toBe('00:00:00:00')
    expect(timecode(25 * 3661 + 12, PAL)).toBe('01:01:01:12')
    expect(timecode(25 * 86_400, PAL)).toBe('00:00:00:00')
    expect(timecode(119, { count: 120, per: 1 })).toBe('00:00:00:119')
  })

  test('drops the labels SMPTE ST 12-1 says, at 29.97', () => {
    expect(timecode(1799, NTSC, true)).toBe('00:00:59;29')
    expect(timecode(1800, NTSC, true)).toBe('00:01:00;02')
    expect(timecode(17981, NTSC, true)).toBe('00:09:59;29')
    expect(timecode(17982, NTSC, true)).toBe('00:10:00;00')
    expect(timecode(107892, NTSC, true)).toBe('01:00:00;00')
    expect(timecode(2589408, NTSC, true)).toBe('00:00:00;00')
  })

  test('drops four labels at 59.94 and none at other rates', () => {
    expect(timecode(3600, NTSC60, true)).toBe('00:01:00;04')
    expect(timecode(35964, NTSC60, true)).toBe('00:10:00;00')
    expect(canDrop(PAL)).toBe(false)
    expect(timecode(1500, PAL, true)).toBe('00:01:00:00')
  })

  test('is read back as it was written', () => {
    for (const [rate, isDrop] of [[PAL, false], [NTSC, false], [NTSC, true], [NTSC60, true]] as const) {
      for (const frame of [0, 1, 1799, 1800, 1801, 3599, 3600, 17981, 17982, 107_891, 107_892, 1_000_000]) {
        expect(frameOfTimecode(timecode(frame, rate, isDrop), rate)).toBe(frame)
      }
    } // biome-ignore format: tables
  })

  test('labels that are dropped, and what is none, are not read', () => {
    expect(frameOfTimecode('00:01:00;00', NTSC)).toBeNull()
    expect(frameOfTimecode('00:10:00;00', NTSC)).toBe(17982)
    expect(frameOfTimecode('00:00:00:25', PAL)).toBeNull()
    expect(frameOfTimecode('1:2:3', PAL)).toBeNull()
  })
})

describe('pictures', () => {
  test('every start and every middle is of its own picture, for hours', () => {
    for (const rate of [PAL, NTSC, NTSC60, { count: 24000, per: 1001 }]) {
      const pictures = new Pictures(seconds(0), rate, 500_000)
      for (const number of [0, 1, 2, 99, 1001, 29_999, 107_892, 431_567, 499_999]) {
        expect(pictures.at(pictures.startOf(number))).toBe(number)
        expect(pictures.at(pictures.middleOf(number))).toBe(number)
        // As browsers and the API write it, in microseconds, cut or rounded.
        expect(pictures.at(Math.floor(pictures.startOf(number) * 1e6) / 1e6)).toBe(number)
        expect(pictures.at(Number(pictures.startOf(number).toFixed(6)))).toBe(number)
      }
    }
  })

  test('the last instant of a picture is still that picture', () => {
    const pictures = new Pictures(seconds(0), PAL, 100)
    expect(pictures.at(0.0399)).toBe(0)
    expect(pictures.at(0.04)).toBe(1)
    expect(pictures.at(99)).toBe(99)
    expect(pictures.at(-1)).toBe(0)
  })

  test('media need not begin at nought', () => {
    const pictures = new Pictures(seconds(1.4), PAL, 100)
    expect(pictures.startOf(0)).toBe(1.4)
    expect(pictures.at(1.4 + 0.04)).toBe(1)
    expect(pictures.at(0)).toBe(0)
  })

  test('measured times that follow the rate make even pictures', () => {
    const times = Float64Array.from({ length: 10 }, (_, i) => (Math.floor((i * 5000) / 10) * 1001) / 30000)
    const pictures = measuredPictures(times, 5000, NTSC) as Pictures
    expect(pictures.isEven).toBe(true)
    expect(pictures.count).toBe(5000)
    expect(pictures.at(pictures.startOf(4321))).toBe(4321)
  })

  test('a container that counts in milliseconds is even, and its rounded times mean their pictures', () => {
    const rounded = (number: number) => Math.round((0.0333 + (number * 1001) / 30000) * 1000) / 1000
    const times = Float64Array.from({ length: 109 }, (_, i) => rounded(i))
    const pictures = measuredPictures(times, 109, NTSC) as Pictures
    expect(pictures.isEven).toBe(true)
    for (let number = 0; number < 109; number++) expect(pictures.at(rounded(number))).toBe(number)
  })

  test('a told rate that is wrong gives way to the one that was measured', () => {
    const times = Float64Array.from({ length: 100 }, (_, i) => i / 12.5)
    const pictures = measuredPictures(times, 100, PAL) as Pictures
    expect(pictures.isEven).toBe(true)
    expect(pictures.rate).toEqual({ count: 25, per: 2 })
  })

  test('uneven pictures that are all known are exact one by one', () => {
    const times = Float64Array.from([0, 0.04, 0.08, 0.5, 0.52, 0.9, 1.4])
    const pictures = measuredPictures(times, 7, PAL) as Pictures
    expect(pictures.isEven).toBe(false)
    for (let number = 0; number < 7; number++) {
      expect(pictures.startOf(number)).toBe(times[number])
      if (number < 6) expect(pictures.at(pictures.middleOf(number))).toBe(number)
    }
    expect(pictures.at(0.49)).toBe(2)
    expect(pictures.isExactAt(1.5)).toBe(true)
    expect(pictures.at(99)).toBe(6)
  })

  test('uneven pictures are estimates until their stretch is known', () => {
    const all = Float64Array.from({ length: 1000 }, (_, i) => i * 0.04 + (i % 3 === 0 ? 0.01 : 0))
    const some = Float64Array.from({ length: 10 }, (_, i) => all[i * 100] as number)
    const pictures = measuredPictures(some, 1000, PAL) as Pictures
    expect(pictures.isExactAt(20)).toBe(false)
    expect(Math.abs(pictures.at(20) - 500)).toBeLessThanOrEqual(1)
    const closer = pictures.with({ first: 480, times: all.slice(480, 520) })
    expect(closer.isExactAt(20)).toBe(true)
    for (let number = 481; number < 518; number++) expect(closer.at(closer.middleOf(number))).toBe(number)
  })

  test('pictures that were never measured follow from rate and length', () => {
    expect(evenPictures(PAL, 10).count).toBe(250)
    expect(evenPictures(PAL, null).at(1e6)).toBe(25_000_000)
  })

  test('the last value that is not above', () => {
    expect(lastAtOrBefore([1, 2, 2, 5], 2)).toBe(2)
    expect(lastAtOrBefore([1, 2, 2, 5], 0)).toBe(-1)
    expect(lastAtOrBefore([], 3)).toBe(-1)
  })
})

describe('moments', () => {
  const writing = { pictures: new Pictures(seconds(0), NTSC, 200_000), startTimecode: '01:00:00;00' }

  test('are written with the time code of the file', () => {
    expect(timecodeAt(writing, 0)).toBe('01:00:00;00')
    expect(timecodeAt(writing, writing.pictures.startOf(1800))).toBe('01:01:00;02')
    expect(timecodeAt({ pictures: null, startTimecode: null }, 3)).toBeNull()
  })

  test('are read however they are typed', () => {
    expect(momentFromText('62.5', writing)).toBe(62.5)
    expect(momentFromText('1:02,5', writing)).toBe(62.5)
    expect(momentFromText('1:00:00', writing)).toBe(3600)
    expect(momentFromText('#1800', writing)).toBe(writing.pictures.startOf(1800))
    expect(momentFromText('01:01:00;02', writing)).toBe(writing.pictures.startOf(1800))
    expect(momentFromText('soon', writing)).toBeNull()
    expect(momentFromText('', writing)).toBeNull()
  })

  test('labels of a ruler are only as fine as its steps', () => {
    const even = { pictures: new Pictures(seconds(0), PAL, null), startTimecode: null }
    expect(rulerText(even, 3600, 60)).toBe('1:00:00')
    expect(rulerText(even, 1.2, 0.2)).toBe('00:00:01:05')
    expect(rulerText({ pictures: null, startTimecode: null }, 1.2, 0.05)).toBe('0:01.20')
  })
})

describe('keys', () => {
  const press = (key: string, code = '', more: Partial<Press> = {}): Press => ({
    key, code, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more,
  }) // biome-ignore format: one press

  test('letters go by their place, so that a Korean layout has them too', () => {
    expect(actionOf(press('ㅓ', 'KeyJ'))).toBe('backward')
    expect(actionOf(press('ㅣ', 'KeyL'))).toBe('forward')
    expect(actionOf(press('I', 'KeyI', { shiftKey: true }))).toBe('toIn')
    expect(actionOf(press('i', 'KeyI'))).toBe('markIn')
  })

  test('arrows step, and skip with Shift', () => {
    expect(actionOf(press('ArrowRight'))).toBe('frameOn')
    expect(actionOf(press('ArrowRight', '', { shiftKey: true }))).toBe('secondOn')
    expect(actionOf(press('ArrowUp'))).toBe('previous')
  })

  test('signs mean the same wherever they are on the keyboard', () => {
    expect(actionOf(press('?', 'Slash', { shiftKey: true }))).toBe('help')
    expect(actionOf(press('+', 'Equal', { shiftKey: true }))).toBe('closer')
    expect(actionOf(press('=', 'Equal'))).toBe('closer')
    expect(actionOf(press('-', 'Minus'))).toBe('wider')
  })

  test('what belongs to the browser stays with it', () => {
    expect(actionOf(press('l', 'KeyL', { ctrlKey: true }))).toBeNull()
    expect(actionOf(press('j', 'KeyJ', { metaKey: true }))).toBeNull()
    expect(actionOf(press('ArrowLeft', '', { altKey: true }))).toBeNull()
    expect(actionOf(press('q', 'KeyQ'))).toBeNull()
  })

  test('every action names its keys', () => {
    for (const keys of Object.values(KEYS)) expect(keys.length).toBeGreaterThan(0)
  })

  test('pressed again and again, L and J go faster up to eight times', () => {
    expect(faster(1, false, 1)).toBe(1)
    expect([1, 2, 4, 8].map((speed) => faster(speed, true, 1))).toEqual([2, 4, 8, 8])
    expect(faster(4, true, -1)).toBe(-1)
    expect(faster(-1, true, -1)).toBe(-2)
  })
})

describe('stops', () => {
  const event = (start_s: number) => ({ kind: 'black', start_s, end_s: start_s + 1 }) as never
  const stops = { events: [event(10), event(20), event(20), event(30)], shots: [5, 15] }

  test('the next and the last finding begin after and before where one is', () => {
    expect(stopFrom(stops, 10, 1)).toMatchObject({ span: { start: 20 } })
    expect(stopFrom(stops, 20, 1)).toMatchObject({ span: { start: 30 } })
    expect(stopFrom(stops, 20.5, -1)).toMatchObject({ span: { start: 20 } })
    expect(stopFrom(stops, 30, 1)).toBeNull()
    expect(stopFrom(stops, 10, -1)).toBeNull()
  })

  test('without findings one stops at shots', () => {
    expect(stopFrom({ events: [], shots: [0, 5, 15] }, 5, 1)).toBe(15)
    expect(stopFrom({ events: [], shots: [0, 5, 15] }, 5, -1)).toBe(0)
  })
})
