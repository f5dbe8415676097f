import { newIdempotencyKey } from '@jifen/api'
import type { GiveBackIn, GiveUpIn, MoneySeenIn, RefundApprovalIn, RefundRejectionIn, ShipmentIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** One order of the shop with all there is to it. */
export function useShopOrder(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['shop-orders', id.value]),
    queryFn: ({ signal }) => call('GET /shop-orders/{order_id}', { path: { order_id: id.value }, signal }),
  })
}

export type OrderStep =
  | { step: 'cancellation'; id: string; body: GiveUpIn }
  | { step: 'shipment'; id: string; body: ShipmentIn }
  | { step: 'completion'; id: string }
  | { step: 'payment' | 'returned'; id: string; payment: string; body: MoneySeenIn }
  | { step: 'refund'; id: string; body: GiveBackIn }
  | { step: 'approval'; id: string; body: RefundApprovalIn }
  | { step: 'rejection'; id: string; body: RefundRejectionIn }
  | { step: 'paid-back'; id: string; body: MoneySeenIn }

/** One press of a button is one step; `key` stays while what is asked does. */
function take(step: OrderStep, key: string): Promise<unknown> {
  const headers = { 'Idempotency-Key': key }
  const order = { order_id: step.id }
  const refund = { refund_id: step.id }
  switch (step.step) {
    case 'cancellation':
      return call('POST /shop-orders/{order_id}/cancellation', { path: order, body: step.body, headers })
    case 'shipment':
      return call('POST /shop-orders/{order_id}/shipment', { path: order, body: step.body, headers })
    case 'completion':
      return call('POST /shop-orders/{order_id}/completion', { path: order, body: {}, headers })
    case 'payment':
      return call('POST /shop-orders/{order_id}/payments/{payment_id}/confirmation', { path: { ...order, payment_id: step.payment }, body: step.body, headers })
    case 'returned':
      return call('POST /shop-orders/{order_id}/payments/{payment_id}/return', { path: { ...order, payment_id: step.payment }, body: step.body, headers })
    case 'refund':
      return call('POST /shop-orders/{order_id}/refunds', { path: order, body: step.body, headers })
    case 'approval':
      return call('POST /shop-refunds/{refund_id}/approval', { path: refund, body: step.body, headers })
    case 'rejection':
      return call('POST /shop-refunds/{refund_id}/rejection', { path: refund, body: step.body, headers })
    case 'paid-back':
      return call('POST /shop-refunds/{refund_id}/confirmation', { path: refund, body: step.body, headers })
  }
}

/** Takes a step with an order or a refund, and reads anew what it touches. */
export function useOrderStep() {
  const cache = useQueryClient()
  let pressed = ''
  let key = ''
  function keyOf(step: OrderStep): string {
    const print = JSON.stringify(step)
    if (print !== pressed) [pressed, key] = [print, newIdempotencyKey()]
    return key
  }
  return useMutation({
    mutationFn: (step: OrderStep) => take(step, keyOf(step)),
    onSettled: () =>
      Promise.all(['shop-orders', 'shop-refunds', 'orders', 'members', 'products'].map((name) => cache.invalidateQueries({ queryKey: [name] }))),
  })
}
