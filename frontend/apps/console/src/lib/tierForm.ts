import type { Benefits, CountedTierOut, TierIn, TierRule } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

export type QualifyBy = TierRule['qualify_by']
export const QUALIFY_BY: QualifyBy[] = ['growth', 'spend', 'orders']
export const WINDOWS: TierRule['window'][] = ['rolling_12_months', 'calendar_year', 'all_time']
export const DOWNGRADES: TierRule['downgrade'][] = ['one_level', 'to_earned']

/** What the dialog edits: money in major units. */
export interface TierForm {
  code: string
  nameZh: string
  nameEn: string
  threshold: number
  color: string
  multiplier: number
  birthdayPoints: number
  checkinPoints: number
  /** What members pay of list prices, in per cent. */
  pricePercent: number
  freeShipping: boolean
  /** Code of the template that is given every month; empty for none. */
  monthlyCoupon: string
}

const unitOf = (by: QualifyBy, currency: string) => (by === 'spend' ? 10 ** currencyDigits(currency) : 1)

export const emptyTier = (): TierForm => ({
  code: '',
  nameZh: '',
  nameEn: '',
  threshold: 0,
  color: '#b7862b',
  multiplier: 1,
  birthdayPoints: 0,
  checkinPoints: 0,
  pricePercent: 100,
  freeShipping: false,
  monthlyCoupon: '',
})

export function tierToForm(tier: CountedTierOut, by: QualifyBy, currency: string): TierForm {
  const { benefits } = tier
  return {
    code: tier.code,
    nameZh: tier.name_zh,
    nameEn: tier.name_en,
    threshold: tier.threshold / unitOf(by, currency),
    color: tier.color,
    multiplier: Number(benefits.earn_multiplier),
    birthdayPoints: benefits.birthday_points,
    checkinPoints: benefits.checkin_bonus_points,
    pricePercent: Number((Number(benefits.member_price_rate) * 100).toFixed(2)),
    freeShipping: benefits.free_shipping,
    monthlyCoupon: benefits.monthly_coupon,
  }
}

/** The body of the change; rates as decimals in text, which are exact. */
export function formToTier(form: TierForm, by: QualifyBy, currency: string): Omit<TierIn, 'code'> {
  const benefits: Benefits = {
    earn_multiplier: String(form.multiplier),
    birthday_points: form.birthdayPoints,
    checkin_bonus_points: form.checkinPoints,
    member_price_rate: String(Number((form.pricePercent / 100).toFixed(4))),
    free_shipping: form.freeShipping,
    monthly_coupon: form.monthlyCoupon,
  }
  return {
    name_zh: form.nameZh.trim(),
    name_en: form.nameEn.trim(),
    threshold: Math.round(form.threshold * unitOf(by, currency)),
    color: form.color ?? '',
    benefits,
  }
}

/** Whether the code is one the API takes; it stays as it is for good. */
export const isTierCode = (code: string): boolean => /^[a-z0-9][a-z0-9_-]{0,39}$/.test(code)
