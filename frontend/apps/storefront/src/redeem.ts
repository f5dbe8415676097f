import type { MallItemOut } from '@jifen/api/storefront'

const MOST = 99

/** How many of an item one member can take at once: stock, personal limit and balance allow. */
export function mostOf(item: MallItemOut, available: number): number {
  const byLimit = item.per_member_limit === null ? MOST : item.per_member_limit - item.redeemed_by_me
  const byPoints = item.price_points > 0 ? Math.floor(available / item.price_points) : MOST
  return Math.max(1, Math.min(MOST, item.stock_left ?? MOST, byLimit, byPoints))
}
