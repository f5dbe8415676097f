import { describe, expect, it } from 'vitest'
import { backOf, isWhole, linesOf, shareOf, shippingLeft, usualShipping } from './shopRefund.ts'

const line = { position: 1, quantity: 3, refunded_quantity: 0, paid_cents: 1000, offset_points: 100 }
const order = { status: 'paid' as const, shipping_cents: 500, payable_cents: 1500, cash_cents: 300, refunded_cents: 0, lines: [line], refunds: [] }

describe('shares of a refund', () => {
  it('add up to the whole in any number of steps', () => {
    expect([shareOf(1000, 0, 1, 3), shareOf(1000, 1, 1, 3), shareOf(1000, 2, 1, 3)]).toEqual([333, 333, 334])
    expect(shareOf(9_007_199_254_740_991, 0, 2, 3)).toBe(6_004_799_503_160_660)
    expect(shareOf(5, 0, 0, 0)).toBe(0)
  })

  it('give back money, cash and points of the pieces', () => {
    expect(backOf(order, { 1: 1 }, 0)).toEqual({ paid: 333, cash: 66, points: 33, shipping: 0, isWhole: false })
    expect(backOf(order, { 1: 3 }, 500)).toEqual({ paid: 1500, cash: 300, points: 100, shipping: 500, isWhole: true })
  })

  it('go on from what came back before', () => {
    const later = { ...order, refunded_cents: 333, lines: [{ ...line, refunded_quantity: 1 }] }
    expect(backOf(later, { 1: 2 }, 500)).toEqual({ paid: 1167, cash: 234, points: 67, shipping: 500, isWhole: true })
  })
})

describe('shipping', () => {
  it('goes back by itself only with everything, before it was sent', () => {
    expect(usualShipping(order, { 1: 3 })).toBe(500)
    expect(usualShipping(order, { 1: 2 })).toBe(0)
    expect(usualShipping({ ...order, status: 'shipped' }, { 1: 3 })).toBe(0)
    expect(shippingLeft({ ...order, refunds: [{ shipping_cents: 200 }] })).toBe(300)
  })
})

describe('the request', () => {
  it('names lines with pieces only', () => {
    expect(linesOf({ 1: 2, 2: 0 })).toEqual([{ position: 1, quantity: 2 }])
    expect(isWhole([{ ...line, refunded_quantity: 3 }], {})).toBe(false)
  })
})
