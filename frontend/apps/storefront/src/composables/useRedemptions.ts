import type { Address, Redemption } from '@jifen/api'
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

const AFFECTED = ['me', 'mall-items', 'mall-item', 'redemptions', 'transactions', 'months', 'lots']

function afterChange(client: QueryClient, redemption: Redemption): void {
  client.setQueryData(['redemption', redemption.id], redemption)
  for (const key of AFFECTED) void client.invalidateQueries({ queryKey: [key] })
}

/** The member's redemptions, newest first. */
export const useRedemptions = () => usePages<Redemption>({ key: ['redemptions'], path: '/redemptions', enabled: isSignedIn })

/** One redemption. */
export function useRedemption(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['redemption', toValue(id)]),
    queryFn: () => call<Redemption>(`GET /redemptions/${toValue(id)}`),
    enabled: isSignedIn,
  })
}

export interface RedeemOrder {
  mall_item_id: string
  quantity: number
  address?: Address
}

/** Redeems; the caller keeps one key for one press of the button. */
export function useRedeem() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ order, key }: { order: RedeemOrder; key: string }) =>
      call<Redemption>('POST /redemptions', { body: order, idempotencyKey: key }),
    onSuccess: (redemption) => afterChange(client, redemption),
  })
}

/** Cancels a redemption that the shop has not handled yet. */
export function useCancelRedemption() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<Redemption>(`POST /redemptions/${id}/cancellation`, { body: {} }),
    onSuccess: (redemption) => afterChange(client, redemption),
  })
}
