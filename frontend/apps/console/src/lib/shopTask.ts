import type { StaffShopOrderOut } from '@jifen/api/console'

type Refund = StaffShopOrderOut['refunds'][number]
type Payment = StaffShopOrderOut['payments'][number]

/** What somebody of the shop is about to do with an order. */
export type Task =
  | { kind: 'ship' | 'complete' | 'cancel' }
  | { kind: 'refund' }
  | { kind: 'paid' | 'returned'; payment: Payment }
  | { kind: 'approve'; refund: Refund }
  | { kind: 'reject' | 'paid-back'; refund: Refund }

/** The steps that ask for a few words at most. */
export type SmallTask = Exclude<Task, { kind: 'refund' } | { kind: 'approve' }>
