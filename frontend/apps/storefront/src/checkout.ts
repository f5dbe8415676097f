import type { CheckoutOut, CouponChoiceOut, PlaceOrderIn } from '@jifen/api/storefront'

/** What the buyer wants to use; the server says what it comes to. */
export interface Wish {
  coupons: string[]
  points: number | 'most'
  cash: 0 | 'most'
}

const isUsable = (coupon: CouponChoiceOut): boolean => coupon.reason === ''

/** What a coupon is worth here: money off, and shipping that falls away. */
const worthOf = (coupon: CouponChoiceOut, shipping: number): number => coupon.discount_cents + (coupon.frees_shipping ? shipping : 0)

/** The coupon to begin with: the one that saves most; none when none saves anything. */
export function bestCoupon(quote: Pick<CheckoutOut, 'coupons' | 'shipping_cents'>): string | null {
  const worth = (coupon: CouponChoiceOut) => worthOf(coupon, quote.shipping_cents)
  const [best] = quote.coupons.filter((coupon) => isUsable(coupon) && worth(coupon) > 0).toSorted((one, other) => worth(other) - worth(one))
  return best?.code ?? null
}

/** The chosen coupons after a tap on one: those that stack may stay together, any other stands alone. */
export function toggled(chosen: string[], code: string, coupons: CouponChoiceOut[]): string[] {
  if (chosen.includes(code)) return chosen.filter((one) => one !== code)
  const stacks = (one: string) => coupons.find((coupon) => coupon.code === one)?.stacks ?? false
  return stacks(code) ? [...chosen.filter(stacks), code] : [code]
}

/** Usable coupons first, each group in the order of the server, which is by what they save. */
export function splitCoupons(coupons: CouponChoiceOut[]) {
  return { usable: coupons.filter(isUsable), others: coupons.filter((coupon) => !isUsable(coupon)) }
}

/** As many points as a slider stands at, in whole steps; all of them is `most`, whatever that will be. */
export function pointsAt(value: number, quote: Pick<CheckoutOut, 'max_points' | 'step_points'>): number | 'most' {
  const whole = Math.floor(value / quote.step_points) * quote.step_points
  return whole >= quote.max_points ? 'most' : Math.max(0, whole)
}

const COUPON_CODES = /^(coupons\.|shop\.coupon_needless$)/

/**
 * A wish that gives way to a refusal, so that the buyer goes on with the rest: the coupon it names (or the one chosen
 * last) is left, points and cash go down to what is allowed. Null when nothing of it can give way.
 */
export function givingWay(wish: Wish, refusal: { code: string; facts: Record<string, unknown> }): Wish | null {
  if (COUPON_CODES.test(refusal.code) && wish.coupons.length) {
    const named = refusal.facts['coupon']
    const left = wish.coupons.includes(String(named)) ? wish.coupons.filter((code) => code !== named) : wish.coupons.slice(0, -1)
    return { ...wish, coupons: left }
  }
  const isPoints = refusal.code === 'shop.points_beyond' || refusal.code === 'ledger.insufficient_points'
  if (isPoints && wish.points !== 0) return { ...wish, points: wish.points === 'most' ? 0 : 'most' }
  if (refusal.code === 'shop.cash_beyond' && wish.cash !== 0) return { ...wish, cash: 0 }
  return null
}

/** One key for one order as it stands: pressed again without a change it is the same press. */
export function pressKeys(make: () => string) {
  let pressed = ''
  let key = ''
  return {
    of(order: PlaceOrderIn): string {
      const print = JSON.stringify(order)
      if (print !== pressed) {
        pressed = print
        key = make()
      }
      return key
    },
    forget(): void {
      pressed = ''
    },
  }
}
