import { describe, expect, it } from 'vitest'
import {
  clockSeconds,
  covers,
  isExpired,
  waiverOf,
  withoutWaiver,
  withWaiver,
} from '../../../src/features/video/judgement/qc/waivers'

const asked = { check: 'V1', who: ' Kim Minji ', why: ' agreed pause ', expires: '', event: null }

describe('waivers', () => {
  it('of a whole check have no range', () => {
    expect(waiverOf(asked)).toEqual({ check: 'V1', who: 'Kim Minji', why: 'agreed pause' })
  })

  it('of one finding are rounded outwards, so that it lies wholly inside', () => {
    const span = { start: '1001/30000', end: '100100/30000', start_s: 0.033367, end_s: 3.336667 }
    const made = waiverOf({ ...asked, event: span, expires: '2027-01-31' })
    expect(made).toMatchObject({ start: '0.033', end: '3.337', expires: '2027-01-31' })
    expect(covers(made, span)).toBe(true)
    expect(covers(made, { start_s: 3.3, end_s: 3.4 })).toBe(false)
  })

  it('keep whole milliseconds as they are', () => {
    expect(waiverOf({ ...asked, event: { start: '2', end: '9/2' } })).toMatchObject({ start: '2', end: '4.5' })
  })

  it('of a finding before zero begin with the media', () => {
    const made = waiverOf({ ...asked, event: { start: '-1/2', end: '1' } })
    expect(JSON.parse(JSON.stringify(made))).not.toHaveProperty('start')
    expect(covers(made, { start_s: -0.5, end_s: 1 })).toBe(true)
  })

  it('are not kept twice for one range', () => {
    const first = waiverOf({ ...asked, event: { start: '1', end: '2' } })
    const again = waiverOf({ ...asked, why: 'better reason', event: { start: '1', end: '2' } })
    const all = withWaiver(withWaiver([], first), again)
    expect(all).toEqual([again])
    const whole = waiverOf(asked)
    expect(withWaiver(all, whole)).toHaveLength(2)
    expect(withoutWaiver([again, whole], again)).toEqual([whole])
  })

  it('read times as waiver files have them, and leave timecodes to the server', () => {
    expect(clockSeconds('12.5')).toBe(12.5)
    expect(clockSeconds('1:02.5')).toBe(62.5)
    expect(clockSeconds('1:02:03.25')).toBe(3723.25)
    expect(clockSeconds('10:00:58:00')).toBeNull()
    expect(covers({ check: 'V1', who: 'a', why: 'b', start: '10:00:58:00' }, { start_s: 0, end_s: 1 })).toBe(false)
  })

  it('hold to the end of their last day', () => {
    const made = waiverOf({ ...asked, expires: '2027-01-31' })
    expect(isExpired(made, '2027-01-31')).toBe(false)
    expect(isExpired(made, '2027-02-01')).toBe(true)
    expect(isExpired(waiverOf(asked), '2999-01-01')).toBe(false)
  })
})
