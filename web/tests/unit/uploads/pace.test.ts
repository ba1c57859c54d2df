import { describe, expect, test } from 'vitest'
import { bytesPerSecond, NO_PACE, type Pace, paced, secondsLeft } from '@/features/uploads/pace'

const sent = (marks: readonly [number, number][], from: Pace = NO_PACE): Pace =>
  marks.reduce((pace, [at, bytes]) => paced(pace, bytes, at), from)

describe('the speed', () => {
  test('is unknown before there is enough to go by', () => {
    expect(bytesPerSecond(NO_PACE, 0)).toBeNull()
    expect(bytesPerSecond(sent([[0, 0]]), 0)).toBeNull()
    expect(
      bytesPerSecond(
        sent([
          [0, 0],
          [500, 1000],
        ]),
        500,
      ),
    ).toBeNull()
  })

  test('is that of the last ten seconds', () => {
    const slow = sent(Array.from({ length: 20 }, (_, at) => [at * 1000, at * 100]))
    expect(bytesPerSecond(slow, 19_000)).toBeCloseTo(100)
    const fast = sent(
      Array.from({ length: 12 }, (_, at) => [20_000 + at * 1000, 2000 + at * 5000]),
      slow,
    )
    expect(bytesPerSecond(fast, 31_000)).toBeCloseTo(5000)
  })

  test('counts only what was sent now, not what an earlier visit had sent', () => {
    expect(
      bytesPerSecond(
        sent([
          [0, 900_000],
          [2000, 902_000],
        ]),
        2000,
      ),
    ).toBeCloseTo(1000)
  })

  test('begins anew when a piece is asked for again', () => {
    const pace = sent([
      [0, 0],
      [2000, 2000],
      [2500, 1000],
    ])
    expect(bytesPerSecond(pace, 2500)).toBeNull()
  })

  test('is unknown when nothing has moved for long', () => {
    const pace = sent([
      [0, 0],
      [2000, 2000],
    ])
    expect(bytesPerSecond(pace, 7000)).toBeCloseTo(1000)
    expect(bytesPerSecond(pace, 7001)).toBeNull()
  })
})

test('the time left follows from the speed', () => {
  expect(
    secondsLeft(
      sent([
        [0, 0],
        [2000, 2000],
      ]),
      10_000,
      2000,
    ),
  ).toBeCloseTo(8)
  expect(secondsLeft(NO_PACE, 10_000, 0)).toBeNull()
  expect(
    secondsLeft(
      sent([
        [0, 500],
        [2000, 500],
      ]),
      10_000,
      2000,
    ),
  ).toBeNull()
})
