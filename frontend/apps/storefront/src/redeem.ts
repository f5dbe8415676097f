import type { MallItemOut, MallVariantOut } from '@jifen/api/storefront'

const MOST = 99

/** What one of it costs and how many are left: the chosen variant's own, or the item's. */
export function offerOf(item: MallItemOut, variant: MallVariantOut | null): Pick<MallVariantOut, 'price_points' | 'price_cents' | 'stock_left'> {
  return variant ?? item
}

/** How many of an item one member can take at once: stock, personal limit and balance allow. */
export function mostOf(item: MallItemOut, available: number, variant: MallVariantOut | null = null): number {
  const { price_points: price, stock_left: left } = offerOf(item, variant)
  const byLimit = item.per_member_limit === null ? MOST : item.per_member_limit - item.redeemed_by_me
  const byPoints = price > 0 ? Math.floor(available / price) : MOST
  return Math.max(1, Math.min(MOST, left ?? MOST, byLimit, byPoints))
}
