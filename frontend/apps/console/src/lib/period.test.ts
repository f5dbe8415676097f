import { describe, expect, it } from 'vitest'
import { daysBetween, isDay, periodFromQuery, periodToQuery, presetDays, previousPeriod, todayIn } from './period.ts'

const TODAY = '2026-03-31'

describe('today', () => {
  it('is the day where the shop is', () => {
    const lateInLondon = new Date('2026-03-30T17:30:00Z')
    expect(todayIn('Asia/Shanghai', lateInLondon)).toBe('2026-03-31')
    expect(todayIn('America/New_York', lateInLondon)).toBe('2026-03-30')
  })
})

describe('presets', () => {
  it('counts both ends', () => {
    const week = presetDays('7d', TODAY)
    expect(week).toEqual({ from: '2026-03-25', to: TODAY })
    expect(daysBetween(week.from, week.to)).toBe(7)
    expect(daysBetween(presetDays('year', TODAY).from, TODAY)).toBe(365)
  })

  it('knows the months, also a short one before a long one', () => {
    expect(presetDays('month', TODAY)).toEqual({ from: '2026-03-01', to: TODAY })
    expect(presetDays('last_month', TODAY)).toEqual({ from: '2026-02-01', to: '2026-02-28' })
    expect(presetDays('last_month', '2026-01-15')).toEqual({ from: '2025-12-01', to: '2025-12-31' })
  })
})

describe('address', () => {
  it('reads a preset, a range, and falls back to the last 90 days', () => {
    expect(periodFromQuery({ period: '30d' }, TODAY).from).toBe('2026-03-02')
    expect(periodFromQuery({ from: '2026-01-05', to: '2026-01-09' }, TODAY)).toEqual({ preset: 'custom', from: '2026-01-05', to: '2026-01-09' })
    expect(periodFromQuery({}, TODAY).preset).toBe('90d')
    expect(periodFromQuery({ period: 'century' }, TODAY).preset).toBe('90d')
    expect(periodFromQuery({ from: '2026-02-10', to: '2026-01-01' }, TODAY).preset).toBe('90d')
    expect(periodFromQuery({ from: '2026-02-30', to: '2026-03-01' }, TODAY).preset).toBe('90d')
  })

  it('writes what it read', () => {
    const custom = periodFromQuery({ from: '2026-01-05', to: '2026-01-09' }, TODAY)
    expect(periodFromQuery(periodToQuery(custom), TODAY)).toEqual(custom)
    expect(periodToQuery(periodFromQuery({}, TODAY))).toEqual({ period: undefined, from: undefined, to: undefined })
    expect(periodToQuery(periodFromQuery({ period: 'month' }, TODAY)).period).toBe('month')
  })
})

describe('the period before', () => {
  it('is as long and ends the day before', () => {
    expect(previousPeriod({ from: '2026-03-01', to: '2026-03-31' })).toEqual({ from: '2026-01-29', to: '2026-02-28' })
    expect(previousPeriod({ from: TODAY, to: TODAY })).toEqual({ from: '2026-03-30', to: '2026-03-30' })
  })
})

it('tells days from other texts', () => {
  expect(isDay('2028-02-29')).toBe(true)
  expect(isDay('2027-02-29')).toBe(false)
  expect(isDay('2026-3-1')).toBe(false)
  expect(isDay(undefined)).toBe(false)
})
