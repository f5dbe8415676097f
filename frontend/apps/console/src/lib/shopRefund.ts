import type { RefundLineIn, StaffShopOrderOut } from '@jifen/api/console'

type Line = Pick<StaffShopOrderOut['lines'][number], 'position' | 'quantity' | 'refunded_quantity' | 'paid_cents' | 'offset_points'>
type Sold = Pick<StaffShopOrderOut, 'status' | 'shipping_cents' | 'payable_cents' | 'cash_cents' | 'refunded_cents'> & {
  lines: Line[]
  refunds: Pick<StaffShopOrderOut['refunds'][number], 'shipping_cents'>[]
}

export type Pieces = Record<number, number>

export interface Back {
  /** Money in all, and what of it goes into the cash wallet. */
  paid: number
  cash: number
  points: number
  shipping: number
  /** Nothing is left with the buyer after this: coupons return too. */
  isWhole: boolean
}

/** The part of `total` that belongs to `now` more of `whole`, after `before`; exact for sums beyond 2^53. */
export function shareOf(total: number, before: number, now: number, whole: number): number {
  if (whole === 0) return 0
  const [all, of] = [BigInt(total), BigInt(whole)]
  return Number((all * BigInt(before + now)) / of - (all * BigInt(before)) / of)
}

export const leftOf = (line: Pick<Line, 'quantity' | 'refunded_quantity'>): number => line.quantity - line.refunded_quantity

/** Shipping that has not gone back yet. */
export const shippingLeft = (order: Pick<Sold, 'shipping_cents' | 'refunds'>): number =>
  order.shipping_cents - order.refunds.reduce((sum, refund) => sum + refund.shipping_cents, 0)

export function isWhole(lines: Line[], pieces: Pieces): boolean {
  return lines.every((line) => (pieces[line.position] ?? 0) === leftOf(line)) && lines.some((line) => leftOf(line) > 0)
}

/** What the server would give back when shipping is left to it: all when everything comes back before it was sent. */
export const usualShipping = (order: Sold, pieces: Pieces): number => (order.status === 'paid' && isWhole(order.lines, pieces) ? shippingLeft(order) : 0)

/** What pieces give back, as the server works it out (docs/algorithms/checkout.md). */
export function backOf(order: Sold, pieces: Pieces, shipping: number): Back {
  const sum = (share: (line: Line) => number) =>
    order.lines.reduce((total, line) => total + shareOf(share(line), line.refunded_quantity, pieces[line.position] ?? 0, line.quantity), 0)
  const paid = sum((line) => line.paid_cents) + shipping
  return {
    paid,
    cash: shareOf(order.cash_cents, order.refunded_cents, paid, order.payable_cents),
    points: sum((line) => line.offset_points),
    shipping,
    isWhole: isWhole(order.lines, pieces),
  }
}

/** The lines of the request; none without pieces. */
export const linesOf = (pieces: Pieces): RefundLineIn[] =>
  Object.entries(pieces)
    .map(([position, quantity]) => ({ position: Number(position), quantity }))
    .filter((line) => line.quantity > 0)
