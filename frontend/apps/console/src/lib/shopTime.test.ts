import { describe, expect, it } from 'vitest'
import { instantOf, wallOf } from './shopTime.ts'

const NEW_YORK = 'America/New_York'

describe('moments by the clock of the shop', () => {
  it.each([
    ['Asia/Shanghai', [2026, 11, 24, 9, 0], '2026-12-24T01:00:00.000Z'],
    [NEW_YORK, [2026, 11, 24, 9, 0], '2026-12-24T14:00:00.000Z'],
    [NEW_YORK, [2026, 6, 4, 0, 0], '2026-07-04T04:00:00.000Z'],
    // Around the nights in which clocks are changed.
    [NEW_YORK, [2026, 2, 8, 1, 59], '2026-03-08T06:59:00.000Z'],
    [NEW_YORK, [2026, 2, 8, 3, 0], '2026-03-08T07:00:00.000Z'],
    [NEW_YORK, [2026, 10, 1, 0, 30], '2026-11-01T04:30:00.000Z'],
    [NEW_YORK, [2026, 10, 1, 2, 0], '2026-11-01T07:00:00.000Z'],
  ] as const)('%s %j is %s, and back', (zone, [year, month, day, hour, minute], text) => {
    const wall = new Date(year, month, day, hour, minute)
    expect(instantOf(wall, zone).toISOString()).toBe(text)
    expect(wallOf(new Date(text), zone)).toEqual(wall)
  })

  it('goes on into the next hour where an hour is left out', () => {
    expect(instantOf(new Date(2026, 2, 8, 2, 30), NEW_YORK).toISOString()).toBe('2026-03-08T07:30:00.000Z')
  })
})
