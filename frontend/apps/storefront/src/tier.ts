import type { Benefits, MembershipOut } from '@jifen/api/storefront'
import { format } from './boot.ts'
import { t } from './i18n.ts'

type QualifyBy = MembershipOut['qualify_by']

/** `1,020 growth`, `¥109.00` or `3 orders`. */
export function tierAmount(by: QualifyBy, amount: number): string {
  if (by === 'spend') return format.money(amount)
  const n = format.points(amount)
  return by === 'orders' ? t('membership.orders', { n }, amount) : t('membership.growth', { n })
}

/** What a tier gives, one short line each. */
export function benefitLines(benefits: Benefits): string[] {
  return [
    Number(benefits.earn_multiplier) > 1 && t('membership.gives.earn', { n: benefits.earn_multiplier }),
    benefits.birthday_points > 0 && t('membership.gives.birthday', { n: format.points(benefits.birthday_points) }),
    benefits.checkin_bonus_points > 0 && t('membership.gives.checkIn', { n: format.points(benefits.checkin_bonus_points) }),
  ].filter((line) => line !== false)
}
