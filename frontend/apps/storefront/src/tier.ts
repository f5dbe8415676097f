import type { Benefits, MembershipOut } from '@jifen/api/storefront'
import { format, locale } from './boot.ts'
import { t } from './i18n.ts'

type QualifyBy = MembershipOut['qualify_by']

/** `1,020 growth`, `¥109.00` or `3 orders`. */
export function tierAmount(by: QualifyBy, amount: number): string {
  if (by === 'spend') return format.money(amount)
  const n = format.points(amount)
  return by === 'orders' ? t('membership.orders', { n }, amount) : t('membership.growth', { n })
}

/** What a tier gives, one short line each; a rate of 0.95 is 5 % off, in Chinese 9.5 折. */
export function benefitLines(benefits: Benefits): string[] {
  const price = Number(benefits.member_price_rate)
  return [
    Number(benefits.earn_multiplier) > 1 && t('membership.gives.earn', { n: benefits.earn_multiplier }),
    price < 1 && t('membership.gives.price', { n: locale === 'zh-hans' ? Number((price * 10).toFixed(3)) : format.percent(1 - price, 2) }),
    benefits.free_shipping && t('membership.gives.shipping'),
    benefits.birthday_points > 0 && t('membership.gives.birthday', { n: format.points(benefits.birthday_points) }),
    benefits.checkin_bonus_points > 0 && t('membership.gives.checkIn', { n: format.points(benefits.checkin_bonus_points) }),
    benefits.exclusive_items && t('membership.gives.exclusive'),
  ].filter((line) => line !== false)
}
