import type { PayIn, RedemptionIn, RedemptionOut } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

const AFFECTED = ['me', 'mall-items', 'mall-item', 'redemptions', 'transactions', 'months', 'lots', 'coupons', 'cash']

function afterChange(client: QueryClient, redemption: RedemptionOut): void {
  client.setQueryData(['redemption', redemption.id], redemption)
  for (const key of AFFECTED) void client.invalidateQueries({ queryKey: [key] })
}

/** The member's redemptions, newest first. */
export const useRedemptions = () => usePages('GET /redemptions', { key: ['redemptions'], enabled: isSignedIn })

/** One redemption. */
export function useRedemption(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['redemption', toValue(id)]),
    queryFn: () => call('GET /redemptions/{redemption_id}', { path: { redemption_id: toValue(id) } }),
    enabled: isSignedIn,
  })
}

/** Redeems; the caller keeps one key for one press of the button. */
export function useRedeem() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ order, key }: { order: RedemptionIn; key: string }) =>
      call('POST /redemptions', { body: order, headers: { 'Idempotency-Key': key } }),
    onSuccess: (redemption) => afterChange(client, redemption),
  })
}

/** Asks the provider how the payments of a redemption stand. */
export function useLookAtRedemption() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call('POST /redemptions/{redemption_id}/payment-checks', { path: { redemption_id: id }, body: {} }),
    onSuccess: (redemption) => afterChange(client, redemption),
  })
}

/** Begins to pay the money part: goes to the provider's page where there is one; false when the member stays here. */
export async function goPayRedemption(redemption: string, provider: PayIn['provider']): Promise<boolean> {
  const payment = await call('POST /redemptions/{redemption_id}/payments', { path: { redemption_id: redemption }, body: { provider } })
  if (payment.url) location.assign(payment.url)
  return Boolean(payment.url)
}

/** Cancels a redemption that the shop has not handled yet. */
export function useCancelRedemption() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call('POST /redemptions/{redemption_id}/cancellation', { path: { redemption_id: id }, body: {} }),
    onSuccess: (redemption) => afterChange(client, redemption),
  })
}
