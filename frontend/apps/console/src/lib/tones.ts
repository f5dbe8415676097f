import type { AdjustmentRow, BacktestOut, CouponOut, CouponTemplateOut, DeliveryOut, ImportOut, MallItemOut, OrderRow, RedPacketOut, RedemptionOut, RuleOut, ShopOrderRow, ShopPaymentOut, ShopRefundOut, StripeOut, WithdrawalRow } from '@jifen/api/console'
export type Tone = 'green' | 'amber' | 'red' | 'grey' | 'brand'

export const ORDER_TONES: Record<OrderRow['status'], Tone> = { paid: 'amber', completed: 'green', partly_refunded: 'grey', refunded: 'grey' }
export const REDEMPTION_TONES: Record<RedemptionOut['status'], Tone> = { awaiting_payment: 'amber', pending: 'amber', fulfilled: 'green', cancelled: 'grey' }
export const DELIVERY_TONES: Record<DeliveryOut['status'], Tone> = { pending: 'amber', delivered: 'green', parked: 'red' }
export const MALL_TONES: Record<MallItemOut['status'], Tone> = { draft: 'grey', on_sale: 'green', paused: 'amber' }
export const ADJUSTMENT_TONES: Record<AdjustmentRow['status'], Tone> = { waiting: 'amber', executed: 'green', rejected: 'red', expired: 'grey' }
export const RULE_TONES: Record<RuleOut['status'], Tone> = { draft: 'grey', scheduled: 'amber', live: 'green', ended: 'grey', stopped: 'red' }
export const BACKTEST_TONES: Record<BacktestOut['status'], Tone> = { queued: 'grey', running: 'amber', done: 'green', failed: 'red', cancelled: 'grey' }
export const IMPORT_TONES: Record<ImportOut['status'], Tone> = { open: 'grey', checking: 'amber', checked: 'brand', writing: 'amber', written: 'green', discarded: 'grey' }
export const STRIPE_TONES: Record<StripeOut['status'], Tone> = { none: 'grey', pending: 'amber', active: 'green', restricted: 'red' }
export const COUPON_TONES: Record<CouponTemplateOut['status'], Tone> = { draft: 'grey', active: 'green', stopped: 'red' }
export const COUPON_STATE_TONES: Record<CouponOut['state'], Tone> = { issued: 'green', locked: 'amber', used: 'brand', expired: 'grey', voided: 'grey' }
export const RED_PACKET_TONES: Record<RedPacketOut['status'], Tone> = { open: 'green', empty: 'brand', ended: 'grey' }
export const WITHDRAWAL_TONES: Record<WithdrawalRow['status'], Tone> = {
  requested: 'amber', approved: 'brand', paying: 'brand', paid: 'green', failed: 'red', rejected: 'red', cancelled: 'grey',
}
export const SHOP_ORDER_TONES: Record<ShopOrderRow['status'], Tone> = { awaiting_payment: 'amber', paid: 'brand', shipped: 'brand', completed: 'green', cancelled: 'grey', refunded: 'grey' }
export const SHOP_REFUND_TONES: Record<ShopRefundOut['status'], Tone> = { requested: 'amber', withdrawn: 'grey', rejected: 'red', paying: 'brand', done: 'green', failed: 'red' }
export const PAYMENT_TONES: Record<ShopPaymentOut['status'], Tone> = { open: 'amber', paid: 'green', closed: 'grey', surplus: 'amber', returned: 'grey', owed: 'red', settled: 'grey' }
