import type { ShopLineOut, ShopOrderOut, ShopOrderRow } from '@jifen/api/storefront'

export type ShopOrderStatus = ShopOrderRow['status']
export const ORDER_TABS = ['', 'awaiting_payment', 'paid', 'shipped', 'completed', 'refunded'] as const
export type OrderTab = (typeof ORDER_TABS)[number]
export const ORDER_TONES: Record<ShopOrderStatus, string> = {
  awaiting_payment: 'wait',
  paid: 'tint',
  shipped: 'tint',
  completed: 'gain',
  cancelled: '',
  refunded: '',
}

/** Pieces of a line that the buyer still has. */
export const leftOf = (line: Pick<ShopLineOut, 'quantity' | 'refunded_quantity'>): number => line.quantity - line.refunded_quantity

/** Whether goods can be asked to come back: paid, something left, and no request waiting. */
export const canAskRefund = (order: ShopOrderOut): boolean =>
  (order.status === 'paid' || order.status === 'shipped' || order.status === 'completed') &&
  !order.has_open_refund &&
  order.lines.some((line) => leftOf(line) > 0)

/** Whole seconds until an instant; 0 once it is over. */
export const secondsUntil = (instant: string, now = Date.now()): number => Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000))

/** 12:05, or 1:02:05 with hours. */
export function clockOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

/** Pauses between looks at a payment, in ms: ever longer, and then it is enough. */
export const LOOK_PAUSES: readonly number[] = [0, 1500, 2500, 4000, 6500, 10_000]
