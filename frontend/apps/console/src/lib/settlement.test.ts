import type { SettlementItem } from '@jifen/api/console'
import { expect, it } from 'vitest'
import { isEmptyMonth, settlementChart, totalsOf } from './settlement.ts'

const NONE = {
  issued_points: 0, spent_points: 0, returned_points: 0, expired_points: 0, clawed_back_points: 0, taken_points: 0, debt_points: 0, transferred_points: 0, outstanding_points: 0, cost_cents: 0, offset_cents: 0, coupon_cents: 0,
}
const ITEMS: SettlementItem[] = [
  { ...NONE, funding_source: 'merchant', name: 'Tea', issued_points: 109, spent_points: 40, outstanding_points: 69, cost_cents: 32 },
  { ...NONE, funding_source: 'brand', name: 'Brand', issued_points: 30, expired_points: 5, outstanding_points: 25 },
]

it('adds up all sources', () => {
  expect(totalsOf(ITEMS)).toEqual({ ...NONE, issued_points: 139, spent_points: 40, expired_points: 5, outstanding_points: 94, cost_cents: 32 })
  expect([isEmptyMonth(ITEMS), isEmptyMonth([{ ...NONE, funding_source: 'x', name: 'X' }])]).toEqual([false, true])
})

it('draws what came to the right, what went to the left', () => {
  const look = { issued: '#1', spent: '#2', expired: '#3', text: '#4', line: '#5', font: 'x' }
  const { series } = settlementChart(ITEMS, look, { issued: 'I', spent: 'S', expired: 'E', exact: String, short: String })
  expect((series as { data: number[] }[]).map((one) => one.data)).toEqual([[109, 30], [-40, -0], [-0, -5]])
})
