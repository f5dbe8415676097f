import type { CouponChoiceOut, PlaceOrderIn, ShopOrderOut } from '@jifen/api/storefront'
import { describe, expect, it } from 'vitest'
import { bestCoupon, givingWay, pointsAt, pressKeys, splitCoupons, toggled } from '../src/checkout.ts'
import { canAskRefund, clockOf, LOOK_PAUSES, secondsUntil } from '../src/shop-order.ts'

const coupon = (code: string, more: Partial<CouponChoiceOut> = {}): CouponChoiceOut => ({
  code,
  name: code,
  discount_cents: 500,
  frees_shipping: false,
  stacks: false,
  is_used: false,
  reason: '',
  missing_cents: 0,
  ...more,
})

describe('the coupon to begin with', () => {
  it('is the one that saves most, shipping counted in', () => {
    const coupons = [coupon('five'), coupon('ship', { discount_cents: 0, frees_shipping: true })]
    expect(bestCoupon({ coupons, shipping_cents: 900 })).toBe('ship')
    expect(bestCoupon({ coupons, shipping_cents: 0 })).toBe('five')
  })

  it('is none when none can be used or saves anything', () => {
    const far = coupon('far', { reason: 'below_threshold', discount_cents: 0, missing_cents: 300 })
    expect(bestCoupon({ coupons: [far, coupon('ship', { discount_cents: 0, frees_shipping: true })], shipping_cents: 0 })).toBeNull()
    expect(splitCoupons([far, coupon('five')]).usable.map((one) => one.code)).toEqual(['five'])
  })
})

describe('choosing coupons', () => {
  const all = [coupon('a', { stacks: true }), coupon('b', { stacks: true }), coupon('alone')]
  it('keeps those that stack together and any other alone', () => {
    expect(toggled(['a'], 'b', all)).toEqual(['a', 'b'])
    expect(toggled(['a', 'b'], 'alone', all)).toEqual(['alone'])
    expect(toggled(['alone'], 'a', all)).toEqual(['a'])
    expect(toggled(['a', 'b'], 'a', all)).toEqual(['b'])
  })
})

describe('points', () => {
  it('go in whole steps, and all of them is "most"', () => {
    const quote = { max_points: 500, step_points: 100 }
    expect([pointsAt(0, quote), pointsAt(250, quote), pointsAt(499, quote), pointsAt(500, quote)]).toEqual([0, 200, 400, 'most'])
  })
})

describe('a refusal', () => {
  const wish = { coupons: ['a', 'b'], points: 300, cash: 'most' as const }
  it('drops the coupon it names, or the last', () => {
    expect(givingWay(wish, { code: 'coupons.used', facts: { coupon: 'a' } })?.coupons).toEqual(['b'])
    expect(givingWay(wish, { code: 'coupons.cannot_combine', facts: {} })?.coupons).toEqual(['a'])
    expect(givingWay({ ...wish, coupons: [] }, { code: 'coupons.used', facts: {} })).toBeNull()
  })

  it('lowers points and cash, and comes to an end', () => {
    const beyond = { code: 'shop.points_beyond', facts: {} }
    const once = givingWay(wish, beyond)
    expect(once?.points).toBe('most')
    const twice = once && givingWay(once, beyond)
    expect(twice?.points).toBe(0)
    expect(twice && givingWay(twice, beyond)).toBeNull()
    expect(givingWay(wish, { code: 'shop.cash_beyond', facts: {} })?.cash).toBe(0)
    expect(givingWay(wish, { code: 'shop.out_of_stock', facts: {} })).toBeNull()
  })
})

describe('the key of a press', () => {
  it('stays while nothing changes', () => {
    let made = 0
    const keys = pressKeys(() => `key-${(made += 1)}`)
    const order = { lines: [], note: '' } as unknown as PlaceOrderIn
    expect([keys.of(order), keys.of({ ...order }), keys.of({ ...order, note: 'x' })]).toEqual(['key-1', 'key-1', 'key-2'])
    keys.forget()
    expect(keys.of({ ...order, note: 'x' })).toBe('key-3')
  })
})

describe('an order', () => {
  it('can be given back while it is paid, has something left and no request waits', () => {
    const order = { status: 'shipped', has_open_refund: false, lines: [{ quantity: 2, refunded_quantity: 1 }] } as ShopOrderOut
    expect(canAskRefund(order)).toBe(true)
    expect(canAskRefund({ ...order, has_open_refund: true })).toBe(false)
    expect(canAskRefund({ ...order, status: 'awaiting_payment' })).toBe(false)
    expect(canAskRefund({ ...order, lines: [{ quantity: 2, refunded_quantity: 2 }] as ShopOrderOut['lines'] })).toBe(false)
  })

  it('counts down by the clock', () => {
    const now = Date.parse('2026-11-22T10:00:00Z')
    expect(secondsUntil('2026-11-22T10:12:05Z', now)).toBe(725)
    expect(secondsUntil('2026-11-22T09:00:00Z', now)).toBe(0)
    expect([clockOf(725), clockOf(3725)]).toEqual(['12:05', '1:02:05'])
  })

  it('looks for its payment ever less often, and not for ever', () => {
    expect([...LOOK_PAUSES]).toEqual([...LOOK_PAUSES].toSorted((one, other) => one - other))
    expect(LOOK_PAUSES.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(30_000)
  })
})
