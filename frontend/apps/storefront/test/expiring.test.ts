import { describe, expect, it } from 'vitest'
import type { LotOut } from '@jifen/api/storefront'
import { endingWithin, joinLots } from '../src/expiring.ts'

const lot = (remaining: number, expires_at: string | null) => ({ granted: 100, remaining, held: 0, expires_at, is_pending: false }) as LotOut

describe('what ends soon', () => {
  const now = new Date('2026-03-01T04:00:00Z')
  it('is added up by local day, the soonest first, up to 30 days', () => {
    const lots = [
      lot(50, '2026-03-31T16:00:00Z'), // the end of 31 March in Shanghai
      lot(30, '2026-03-05T10:00:00Z'),
      lot(20, '2026-03-05T16:00:00Z'), // the end of the same day
      lot(9, '2026-04-01T16:00:00Z'), // a day too late
      lot(7, null),
      lot(0, '2026-03-05T16:00:00Z'),
    ]
    expect(endingWithin(lots, 30, 'Asia/Shanghai', now).map((day) => day.points)).toEqual([50, 50])
  })
  it('is nothing without lots', () => {
    expect(endingWithin([], 30, 'Asia/Shanghai', now)).toEqual([])
  })
})

describe('lots of one day', () => {
  const day = '2026-03-05T16:00:00Z'
  it('are one row: 50 and 30 of 100 each are 80 of 200', () => {
    const [first, ...rest] = joinLots([lot(50, day), lot(30, day)])
    expect([first!.remaining, first!.granted, rest.length]).toEqual([80, 200, 0])
  })
  it('stay apart from what still waits and from other days', () => {
    const waiting = { ...lot(5, day), is_pending: true, matures_at: '2026-03-02T16:00:00Z' }
    expect(joinLots([lot(50, day), waiting, lot(30, null), lot(1, '2026-03-06T16:00:00Z')]).map((one) => one.remaining)).toEqual([50, 5, 30, 1])
  })
})
