import { describe, expect, it } from 'vitest'
import { rangeText } from '../../../src/features/video/judgement/interview/ranges'
import { listValue } from '../../../src/features/video/judgement/qc/limit_values'
import {
  checkThreshold,
  checkValue,
  eventShown,
  numberText,
  type Shown,
  thresholdText,
  unitOfName,
  valueText,
} from '../../../src/features/video/judgement/values'
import { event } from './made'

const words: Record<string, string> = {
  'unit.lufs': 'LUFS',
  'unit.dbtp': 'dBTP',
  'unit.1/min': '/min',
  'unit.deg': '°',
  'evidence.worst_s': 'worst at',
  'label.tail': 'at the end',
  'limit.changes_in_1_s': '1초 동안 전환',
  'limit.or': '또는',
  'limit.area': '면적',
  'evidence.max_momentary_lufs': '최대 순간',
}
const shown: Shown = { word: (key, otherwise) => words[key] ?? otherwise ?? key, language: 'en' }
const korean: Shown = { ...shown, language: 'ko' }

describe('numbers', () => {
  it.each([
    [0, '0'],
    [48000, '48,000'],
    [-16.857, '−16.86'],
    [123.456, '123.5'],
    [0.0312345, '0.0312'],
    [1.5, '1.5'],
    [Number.NaN, '–'],
  ])('%d is %s', (value, text) => {
    expect(numberText(value)).toBe(text)
  })
})

describe('values', () => {
  it('bear their unit', () => {
    expect(valueText(-16.86, 'lufs', shown)).toBe('−16.86 LUFS')
    expect(valueText(0.332813, 'share', shown)).toBe('33.28 %')
    expect(valueText(21.4, '1/min', shown)).toBe('21.4/min')
    expect(valueText(true, null, korean)).toBe('예')
    expect(valueText(null, 's', shown)).toBe('')
    expect(valueText('25', null, shown)).toBe('25')
  })

  it('are held against limits as people write them', () => {
    expect(thresholdText('<= -1.0', 'dbtp', shown)).toBe('≤ −1.0 dBTP')
    expect(thresholdText('<= 0.01', 'share', shown)).toBe('≤ 1 %')
    expect(thresholdText('-23 +- 0.2', 'lufs', shown)).toBe('−23 ± 0.2 LUFS')
    expect(thresholdText('as_flagged', 'lufs', shown)).toBe('as_flagged')
    expect(thresholdText('-1 .. +1 frames', 's', { ...shown, word: (_, otherwise) => `<${otherwise}>` })).toBe(
      '−1 .. +1 <frames>',
    )
    expect(checkThreshold({ threshold: 0, unit: 'count' }, shown)).toBe('≤ 0')
    expect(checkValue({ value: 2, unit: 'count' }, korean)).toBe('2건')
  })

  it('and what limits say in words is said in the language of the page', () => {
    const flash = { threshold: 'changes in 1 s <= 6 or area <= 0.25', unit: 'count' }
    expect(checkThreshold(flash, korean)).toBe('1초 동안 전환 ≤ 6 또는 면적 ≤ 0.25')
    expect(thresholdText('max_momentary_lufs <= -20', 'lufs', korean)).toBe('최대 순간 ≤ −20 LUFS')
  })

  it('of evidence are told one by one, without those that are not there', () => {
    const found = event(0, 1, {
      evidence: { value: 0.5, threshold: '>= 0.25', unit: 'share', worst_s: 2.5, level: null },
      labels: ['tail', 'some_thing'],
    })
    expect(eventShown(found, shown)).toEqual({
      value: '50 %',
      threshold: '≥ 25 %',
      rest: [['worst at', '2.5 s']],
      labels: ['at the end', 'some thing'],
    })
    expect(unitOfName('duration_s')).toBe('s')
    expect(unitOfName('pictures')).toBeNull()
  })

  it('of ranges name the unit once', () => {
    expect(rangeText(10.5, 32.5, '1/min', shown)).toBe('10.5 – 32.5/min')
    expect(rangeText(0.3, 0.45, 'share', shown)).toBe('30 – 45 %')
    expect(rangeText(null, 10, 'deg', shown)).toBe('≤ 10°')
    expect(rangeText(null, null, 'deg', shown)).toBe('')
  })
})

describe('lists of limits', () => {
  it('stay numbers where they are numbers', () => {
    expect(listValue('sample_rates_hz', [48000], null, ['48000', '96000', 'x'])).toEqual([48000, 96000])
    expect(listValue('channel_counts', [], [], ['2'])).toEqual([2])
    expect(listValue('containers', ['mov'], null, ['mov', '4'])).toEqual(['mov', '4'])
    expect(listValue('rates', [], [], ['29.97'])).toEqual(['29.97'])
  })
})
