import { describe, expect, it } from 'vitest'
import { lastDay } from './expiry.ts'

const terms = { policy: 'rolling', span: 'months', months: 12, days: 90, date: '12-31' } as const

describe('the last day of points', () => {
  // The rows of docs/algorithms/lots-and-expiry.md.
  it.each([
    [{ ...terms }, '2026-03-01', '2027-03-01'],
    [{ ...terms, months: 1 }, '2026-01-31', '2026-02-28'],
    [{ ...terms, span: 'days', days: 30 } as const, '2026-03-01', '2026-03-31'],
    [{ ...terms, policy: 'month_end', months: 1 } as const, '2026-01-31', '2026-02-28'],
    [{ ...terms, policy: 'fixed_date', date: '03-31' } as const, '2026-12-31', '2027-03-31'],
    [{ ...terms, policy: 'fixed_date', date: '02-29' } as const, '2026-06-01', '2027-02-28'],
    [{ ...terms, policy: 'inactivity' } as const, '2026-03-01', '2026-05-30'],
    [{ ...terms, policy: 'never' } as const, '2026-03-01', null],
  ])('%j earned on %s ends with %s', (given, today, expected) => {
    expect(lastDay(given, today)).toBe(expected)
  })
})
