import type { MallItemStatus, OrderStatus, RedemptionStatus } from '@jifen/api'

export type Tone = 'green' | 'amber' | 'red' | 'grey' | 'brand'

export const ORDER_TONES: Record<OrderStatus, Tone> = { paid: 'amber', completed: 'green', partly_refunded: 'grey', refunded: 'grey' }
export const REDEMPTION_TONES: Record<RedemptionStatus, Tone> = { pending: 'amber', fulfilled: 'green', cancelled: 'grey' }
export const MALL_TONES: Record<MallItemStatus, Tone> = { draft: 'grey', on_sale: 'green', paused: 'amber' }
