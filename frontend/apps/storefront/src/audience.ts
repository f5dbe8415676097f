import type { MallItemOut } from '@jifen/api/storefront'
import { t } from './i18n.ts'

/** Whom an item is for, in words: "for Gold and above"; empty when it is for everybody. */
export function audienceOf(item: MallItemOut): string {
  const names = item.for_tiers?.names ?? []
  if (names.length > 0) {
    return item.for_tiers?.is_and_above ? t('item.forTierAndAbove', { tier: names[0] ?? '' }) : t('item.forTiers', { tiers: names.join(t('item.and')) })
  }
  return item.is_for_group || item.for_tiers ? t('item.forGroup') : ''
}
