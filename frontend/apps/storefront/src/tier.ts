import type { MembershipOut, TierOut } from '@jifen/api/storefront'
import { format } from './boot.ts'
import { t } from './i18n.ts'

type QualifyBy = MembershipOut['qualify_by']

/** `1,020 growth`, `¥109.00` or `3 orders`. */
export function tierAmount(by: QualifyBy, amount: number): string {
  if (by === 'spend') return format.money(amount)
  const n = format.points(amount)
  return by === 'orders' ? t('membership.orders', { n }, amount) : t('membership.growth', { n })
}

/** 0.95 as Chinese shops say it (9.5 折) and as English ones do (5% off). */
function memberPrice(rate: string) {
  const plain = (value: number) => String(Number(value.toFixed(2)))
  return { fold: plain(Number(rate) * 10), off: plain((1 - Number(rate)) * 100) }
}

/** What a tier gives, one short line each; a coupon only as long as any are given out. */
export function benefitLines({ benefits, monthly_coupon: coupon }: Pick<TierOut, 'benefits' | 'monthly_coupon'>): string[] {
  return [
    Number(benefits.earn_multiplier) > 1 && t('membership.gives.earn', { n: benefits.earn_multiplier }),
    benefits.birthday_points > 0 && t('membership.gives.birthday', { n: format.points(benefits.birthday_points) }),
    benefits.checkin_bonus_points > 0 && t('membership.gives.checkIn', { n: format.points(benefits.checkin_bonus_points) }),
    Number(benefits.member_price_rate) < 1 && t('membership.gives.memberPrice', memberPrice(benefits.member_price_rate)),
    benefits.free_shipping && t('membership.gives.freeShipping'),
    coupon?.is_active && t('membership.gives.coupon', { name: coupon.name }),
  ].filter((line): line is string => Boolean(line))
}
