import { expect, test } from 'vitest'
import {
  columnsOf, coreSteps, fileSystems, joined, minutesOf, percentOf, type Sample, spread, within,
} from '@/features/system/samples' // biome-ignore format: one list
import { diskLimit, diskNames, diskPick, drawnOf } from '@/features/system/series'

const BEGAN = Date.parse('2026-11-21T10:00:00Z')

function sample(after_s: number, part: Partial<Sample> = {}): Sample {
  return {
    at: new Date(BEGAN + after_s * 1000).toISOString(),
    core_percents: [10, 90],
    cpu_percent: 50,
    own_cpu_percent: 20,
    others_cpu_percent: 30,
    load: [1, 1, 1],
    memory_percent: 40,
    memory_used_bytes: 4e9,
    memory_total_bytes: 10e9,
    own_memory_bytes: 1e9,
    own_processes: 3,
    disks: [],
    gpus: [],
    ...part,
  }
}

test('what comes is put behind what is there, each sample once, the last hour kept', () => {
  const kept = [sample(0), sample(5), sample(3590)]
  const now = joined(kept, [sample(3590), sample(3604)])
  expect(now.map((each) => each.at)).toEqual([sample(5).at, sample(3590).at, sample(3604).at])
  expect(joined([sample(10)], [sample(5)]).map((each) => each.at)).toEqual([sample(5).at, sample(10).at])
  expect(joined([], [])).toEqual([])
})

test('a window ends at the newest sample, not at the clock of the browser', () => {
  const samples = [sample(0), sample(100), sample(400)]
  expect(within(samples, 300)).toEqual([samples[1], samples[2]])
  expect(within([], 300)).toEqual([])
})

test('nothing is drawn across a gap', () => {
  const { times, values } = columnsOf([sample(0), sample(5), sample(65)], [(each) => each.cpu_percent])
  expect(times).toHaveLength(4)
  expect(values[0]).toEqual([50, 50, null, 50])
  expect(times[2]).toBe(BEGAN / 1000 + 35)
})

test('what a driver does not tell is a hole in its column only', () => {
  const gpu = { name: 'G', load_percent: null, memory_used_bytes: 1, memory_total_bytes: 2, temperature_c: 40 }
  const { values } = columnsOf(
    [sample(0, { gpus: [gpu] })],
    [
      (each) => each.gpus[0]?.load_percent,
      (each) => each.gpus[0]?.temperature_c,
      (each) => each.gpus[1]?.temperature_c,
    ],
  )
  expect(values).toEqual([[null], [40], [null]])
})

test('the table has a row for each minute, the newest first', () => {
  const rows = minutesOf(
    [sample(0, { cpu_percent: 10 }), sample(30, { cpu_percent: 30 }), sample(61, { cpu_percent: 80 })],
    [(each) => each.cpu_percent],
  )
  expect(rows.map((row) => row.at)).toEqual([BEGAN / 1000 + 60, BEGAN / 1000])
  expect(rows[1]?.spreads).toEqual([{ least: 10, mean: 20, most: 30 }])
})

test('a spread of nothing is nothing', () => {
  expect(spread([null, undefined])).toBeNull()
  expect(spread([null, 4])).toEqual({ least: 4, mean: 4, most: 4 })
})

test('a core shows the greatest load of each step', () => {
  const samples = [sample(0), sample(95, { core_percents: [40, 0] }), sample(100, { core_percents: [20, 100] })]
  const steps = coreSteps(samples, 100, 10)
  expect(steps).toHaveLength(2)
  expect(steps[0]?.[0]).toBe(10)
  expect(steps[0]?.[9]).toBe(40)
  expect(steps[1]?.[9]).toBe(100)
})

test('steps between two samples show the one before, a longer pause shows nothing', () => {
  const every5s = [0, 5, 10, 15, 20].map((at) => sample(at))
  const steps = coreSteps(every5s, 20, 40)[0] ?? []
  expect(steps.every((percent) => percent === 10)).toBe(true)
  expect(coreSteps([sample(95), sample(100)], 100, 100)[0]?.[0]).toBeNull()
})

test('folders on one disk are one disk', () => {
  const on = (name: string, free: number, total = 1000e9) => ({
    name,
    path: `/${name}`,
    free_bytes: free,
    total_bytes: total,
  })
  const disks = [on('data', 500e9), on('work', 500.0001e9), on('archive', 500e9, 4000e9)]
  expect(fileSystems(disks).map((disk) => disk.names)).toEqual([['data', 'work'], ['archive']])
  expect(diskNames([sample(0, { disks })])).toEqual([['data', 'work'], ['archive']])
  expect(diskPick('data')(sample(0, { disks }))).toBe(50)
  expect(diskPick('elsewhere')(sample(0, { disks }))).toBeNull()
})

test('percentages stay between nothing and all', () => {
  expect(percentOf(5, 10)).toBe(50)
  expect(percentOf(20, 10)).toBe(100)
  expect(percentOf(null, 10)).toBeNull()
  expect(percentOf(1, 0)).toBeNull()
})

test('a chart spans what was asked for and its scale holds every value', () => {
  const line = { label: 'all', pick: (each: Sample) => each.cpu_percent, color: '--series-1' }
  const drawn = drawnOf([sample(0), sample(5, { cpu_percent: 117 })], [line], {
    span: 300,
    most: 100,
    unit: '%',
    limit: 80,
  })
  expect(drawn.to - drawn.from).toBe(300)
  expect(drawn.to).toBe(BEGAN / 1000 + 5)
  expect(drawn.most).toBe(120)
  expect(drawn.limit).toBe(80)
  expect(drawn.lines[0]?.values).toEqual([50, 117])
})

test('room that must stay free is a level of the disk', () => {
  expect(diskLimit(200 * 2 ** 30, 2)).toBe(99)
  expect(diskLimit(200 * 2 ** 30, 0)).toBeNull()
  expect(diskLimit(2 ** 30, 2)).toBeNull()
})
