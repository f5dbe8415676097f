import type { MallItemOut, TransactionOut } from '@jifen/api/storefront'
import { describe, expect, it } from 'vitest'
import { groundOf } from '../src/ground.ts'
import { byMonth, toneOf } from '../src/ledger.ts'
import { safeNext } from '../src/next.ts'
import { mostOf } from '../src/redeem.ts'

const row = (occurred_at: string, amount = 10): TransactionOut => ({
  id: occurred_at,
  kind: 'earn',
  unit: 'points',
  amount,
  occurred_at,
  reason: '',
  order_external_id: null,
  balance_after: 0,
  is_pending: false,
  matures_at: null,
})

describe('the ledger', () => {
  it('groups rows by the month of the merchant', () => {
    const rows = [row('2026-11-30T17:00:00Z'), row('2026-11-30T15:00:00Z'), row('2026-10-01T00:00:00Z')]
    expect(byMonth(rows, 'Asia/Shanghai').map((group) => [group.month, group.rows.length])).toEqual([
      ['2026-12', 1],
      ['2026-11', 1],
      ['2026-10', 1],
    ])
  })

  it('draws what is pending as pending, whatever its amount', () => {
    expect(toneOf({ amount: 5, is_pending: true })).toBe('wait')
    expect([5, -5, 0].map((amount) => toneOf({ amount, is_pending: false }))).toEqual(['gain', 'spent', 'still'])
  })
})

describe('the way back after signing in', () => {
  it('stays on this site', () => {
    expect(safeNext('/mall/1?show=all')).toBe('/mall/1?show=all')
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', undefined, ['/a']]) expect(safeNext(bad)).toBe('/')
  })
})

describe('how many can be redeemed at once', () => {
  const item = { price_points: 100, stock_left: null, per_member_limit: null, redeemed_by_me: 0 } as unknown as MallItemOut

  it('is bound by balance, stock and personal limit', () => {
    expect(mostOf(item, 350)).toBe(3)
    expect(mostOf({ ...item, stock_left: 2 }, 350)).toBe(2)
    expect(mostOf({ ...item, per_member_limit: 4, redeemed_by_me: 3 }, 350)).toBe(1)
    expect(mostOf({ ...item, price_points: 0 }, 0)).toBe(99)
  })
})

describe('the ground under a picture', () => {
  it('is always the same for the same picture', () => {
    expect(groundOf('1f375')).toBe(groundOf('1f375'))
    for (const code of ['', '1f382', '2615', '1f9f8']) expect([0, 1, 2, 3, 4]).toContain(groundOf(code))
  })
})
