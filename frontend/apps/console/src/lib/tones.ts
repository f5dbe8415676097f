import type { AdjustmentRow, BacktestOut, DeliveryOut, ImportOut, MallItemOut, OrderRow, RedemptionOut, RuleOut } from '@jifen/api/console'

export type Tone = 'green' | 'amber' | 'red' | 'grey' | 'brand'

export const ORDER_TONES: Record<OrderRow['status'], Tone> = { paid: 'amber', completed: 'green', partly_refunded: 'grey', refunded: 'grey' }
export const REDEMPTION_TONES: Record<RedemptionOut['status'], Tone> = { pending: 'amber', fulfilled: 'green', cancelled: 'grey' }
export const DELIVERY_TONES: Record<DeliveryOut['status'], Tone> = { pending: 'amber', delivered: 'green', parked: 'red' }
export const MALL_TONES: Record<MallItemOut['status'], Tone> = { draft: 'grey', on_sale: 'green', paused: 'amber' }
export const ADJUSTMENT_TONES: Record<AdjustmentRow['status'], Tone> = { waiting: 'amber', executed: 'green', rejected: 'red', expired: 'grey' }
export const RULE_TONES: Record<RuleOut['status'], Tone> = { draft: 'grey', scheduled: 'amber', live: 'green', ended: 'grey', stopped: 'red' }
export const BACKTEST_TONES: Record<BacktestOut['status'], Tone> = { queued: 'grey', running: 'amber', done: 'green', failed: 'red', cancelled: 'grey' }
export const IMPORT_TONES: Record<ImportOut['status'], Tone> = { open: 'grey', checking: 'amber', checked: 'brand', writing: 'amber', written: 'green', discarded: 'grey' }
