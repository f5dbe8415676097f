import { newIdempotencyKey } from '@jifen/api'
import type { PayIn, RefundRequestIn, ShopOrderOut } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import type { OrderTab } from '../shop-order.ts'
import { usePages } from './usePages.ts'

const AFFECTED = ['me', 'cart', 'shop-orders', 'products', 'product', 'transactions', 'months', 'lots', 'coupons', 'cash']

/** What an order's change touches is read anew. */
export function afterOrderChange(client: QueryClient, order: ShopOrderOut): void {
  client.setQueryData(['shop-order', order.id], order)
  for (const key of AFFECTED) void client.invalidateQueries({ queryKey: [key] })
}

/** The member's shop orders in one state, or all, newest first. */
export const useShopOrders = (tab: MaybeRefOrGetter<OrderTab>) =>
  usePages('GET /shop-orders', {
    key: () => ['shop-orders', toValue(tab)],
    query: () => ({ status: toValue(tab) || undefined }),
    enabled: isSignedIn,
  })

/** How many orders wait to be paid, as far as one page tells. */
export function useWaitingOrders() {
  const { items } = useShopOrders('awaiting_payment')
  return computed(() => items.value.length)
}

/** One order and what its buyer can do with it. */
export function useShopOrder(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  const path = () => ({ order_id: toValue(id) })
  const keep = (order: ShopOrderOut) => afterOrderChange(client, order)
  const order = useQuery({
    queryKey: computed(() => ['shop-order', toValue(id)]),
    queryFn: () => call('GET /shop-orders/{order_id}', { path: path() }),
    enabled: isSignedIn,
  })
  const key = () => ({ 'Idempotency-Key': newIdempotencyKey() })
  const look = useMutation({ mutationFn: () => call('POST /shop-orders/{order_id}/payment-checks', { path: path(), body: {} }), onSuccess: keep })
  const cancel = useMutation({
    mutationFn: () => call('POST /shop-orders/{order_id}/cancellation', { path: path(), body: {}, headers: key() }),
    onSuccess: keep,
  })
  const receive = useMutation({
    mutationFn: () => call('POST /shop-orders/{order_id}/receipt', { path: path(), body: {}, headers: key() }),
    onSuccess: keep,
  })
  const askRefund = useMutation({
    mutationFn: (body: RefundRequestIn) => call('POST /shop-orders/{order_id}/refund-requests', { path: path(), body, headers: key() }),
    onSuccess: keep,
  })
  const withdraw = useMutation({
    mutationFn: (refund_id: string) => call('POST /refund-requests/{refund_id}/withdrawal', { path: { refund_id }, body: {}, headers: key() }),
    onSuccess: keep,
  })
  return { order, look, cancel, receive, askRefund, withdraw }
}

/** Begins to pay: goes to the provider's page where there is one; false when the buyer stays here. */
export async function goPay(order: string, provider: PayIn['provider']): Promise<boolean> {
  const payment = await call('POST /shop-orders/{order_id}/payments', { path: { order_id: order }, body: { provider } })
  if (payment.url) location.assign(payment.url)
  return Boolean(payment.url)
}
