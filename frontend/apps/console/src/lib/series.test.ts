import { describe, expect, it } from 'vitest'
import { bucketSeries, changeRate, changeText, grainFor, sparklinePoints, thinned } from './series.ts'

const day = (date: string, issued: number, outstanding: number) => ({ date, issued, spent: 1, expired: 2, clawed_back: 3, outstanding })

describe('steps', () => {
  it('grow with the period', () => {
    expect(grainFor('2026-01-01', '2026-01-31')).toBe('day')
    expect(grainFor('2026-01-01', '2026-03-31')).toBe('week')
    expect(grainFor('2026-01-01', '2026-12-31')).toBe('month')
  })

  it('add up what flows and keep the last of what stands', () => {
    const rows = [day('2026-01-30', 10, 100), day('2026-01-31', 20, 120), day('2026-02-01', 30, 150)]
    expect(bucketSeries(rows, 'month')).toEqual([
      { date: '2026-01-01', issued: 30, spent: 2, expired: 4, clawed_back: 6, outstanding: 120 },
      { date: '2026-02-01', issued: 30, spent: 1, expired: 2, clawed_back: 3, outstanding: 150 },
    ])
  })

  it('start weeks on Monday, over the turn of the year', () => {
    const weeks = bucketSeries([day('2026-01-04', 1, 1), day('2026-01-05', 1, 2)], 'week')
    expect(weeks.map((week) => week.date)).toEqual(['2025-12-29', '2026-01-05'])
  })

  it('leave the rows they were given alone', () => {
    const rows = [day('2026-01-01', 1, 1), day('2026-01-02', 1, 2)]
    bucketSeries(rows, 'month')
    expect(rows[0]!.issued).toBe(1)
  })
})

describe('sparkline', () => {
  it('spans the box and puts the largest on top', () => {
    expect(sparklinePoints([0, 10], 100, 40, 2)).toBe('2.0,38.0 98.0,2.0')
  })

  it('draws nothing for one value, and a flat line for equal ones', () => {
    expect(sparklinePoints([5], 100, 40)).toBe('')
    expect(sparklinePoints([5, 5], 100, 40, 2)).toBe('2.0,38.0 98.0,38.0')
  })

  it('averages neighbours when there are too many', () => {
    expect(thinned([1, 3, 5, 7], 2)).toEqual([2, 6])
    expect(thinned([1, 2], 5)).toEqual([1, 2])
    expect(thinned(Array.from({ length: 90 }, () => 4), 18)).toEqual(Array.from({ length: 18 }, () => 4))
  })
})

it('says changes shortly', () => {
  const percent = (ratio: number, digits: number) => `${(ratio * 100).toFixed(digits)}%`
  expect(changeText(-0.1234, percent)).toBe('12.3%')
  expect(changeText(158.3, percent)).toBe('>999%')
})

it('compares with the period before, unless there was nothing', () => {
  expect(changeRate(110, 100)).toBeCloseTo(0.1)
  expect(changeRate(5, 0)).toBeNull()
  expect(changeRate(0, 50)).toBe(-1)
})
