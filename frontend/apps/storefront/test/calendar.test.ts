import type { CheckInOverviewOut } from '@jifen/api/storefront'
import { describe, expect, it } from 'vitest'
import { daysOf, leadingDays, shiftMonth } from '../src/calendar.ts'

const found: CheckInOverviewOut = {
  today: '2026-11-22',
  is_checked_in: true,
  streak: 2,
  days: [
    { id: 'a', member_id: 'm', date: '2026-11-21', streak: 1, points: 0, tier_points: 0, base_points: 0, milestones: [], is_made_up: true, cost_points: 50 },
    {
      id: 'b',
      member_id: 'm',
      date: '2026-11-22',
      streak: 2,
      points: 1,
      tier_points: 0, base_points: 1,
      milestones: [],
      is_made_up: false,
      cost_points: 0,
    },
  ],
  ahead: [],
  make_up_points: 50,
  make_ups_left: 2,
  first_open_date: '2026-11-20',
}

describe('the calendar of check-ins', () => {
  it('says of each day what became of it', () => {
    const days = daysOf('2026-11', found)
    expect(days).toHaveLength(30)
    expect(days.slice(18, 23).map((day) => day.state)).toEqual(['empty', 'missed', 'madeUp', 'checked', 'empty'])
    expect(days.filter((day) => day.isToday).map((day) => day.day)).toEqual([22])
  })

  it('knows leap days and where a week begins', () => {
    expect(daysOf('2028-02', found)).toHaveLength(29)
    expect([leadingDays('2026-06'), leadingDays('2026-11'), leadingDays('2026-08')]).toEqual([0, 6, 5])
  })

  it('steps over the turn of a year', () => {
    expect([shiftMonth('2026-12', 1), shiftMonth('2026-01', -1), shiftMonth('2026-11', -1)]).toEqual(['2027-01', '2025-12', '2026-10'])
  })
})
