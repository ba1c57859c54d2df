import { expect, test } from 'vitest'
import { standing } from '@/features/jobs/standing'

test('a job nothing is told of is being started', () => {
  expect(standing({})).toMatchObject({ stage: 'starting', share: null, speed: null, leftSeconds: null })
})

test('measuring tells its share, speed and time left', () => {
  expect(standing({ stage: 'measuring', done_s: 12.75, total_s: 51, speed: 6.1, left_s: 6.4 })).toEqual({
    stage: 'measuring',
    share: 0.25,
    speed: 6.1,
    bytesPerSecond: null,
    doneBytes: null,
    leftSeconds: 6.4,
  })
})

test('a video of unknown length has no share and no end', () => {
  expect(standing({ stage: 'measuring', done_s: 12, total_s: null, speed: 2, left_s: null })).toMatchObject({
    stage: 'measuring',
    share: null,
    speed: 2,
    leftSeconds: null,
  })
})

test('when all is measured it is being judged, and a full bar does not claim to be the end', () => {
  expect(standing({ stage: 'measuring', done_s: 51, total_s: 51, speed: 6, left_s: 0 })).toMatchObject({
    stage: 'judging',
    share: null,
    speed: null,
    leftSeconds: null,
  })
})

test('what is fetched counts bytes, also where the server of the file tells no size', () => {
  const told = { stage: 'fetch', done_bytes: 50, total_bytes: 200, bytes_per_s: 10, left_s: 15 }
  expect(standing(told)).toMatchObject({ stage: 'fetch', share: 0.25, bytesPerSecond: 10, doneBytes: 50, speed: null })
  expect(standing({ ...told, total_bytes: null, left_s: null })).toMatchObject({ share: null, doneBytes: 50 })
})

test('while a file is read its bytes are no seconds', () => {
  expect(standing({ stage: 'hashing', done_s: 1e8, total_s: 4e8, speed: 2e8, left_s: 1.5 })).toMatchObject({
    stage: 'hashing',
    share: 0.25,
    speed: null,
    bytesPerSecond: 2e8,
    doneBytes: 1e8,
  })
})

test('a stage of a newer server is told as work, and nonsense as nothing', () => {
  expect(standing({ stage: 'dreaming', done_s: 1, total_s: 2 })).toMatchObject({ stage: 'working', share: 0.5 })
  expect(standing({ stage: 'measuring', done_s: 'much', total_s: Number.NaN, speed: -1 })).toMatchObject({
    share: null,
    speed: null,
  })
})
