import { newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

export type CouponGroup = 'usable' | 'used' | 'expired'

/** The coupon centre: what can be claimed now, for members and visitors. */
export function useCouponOffers() {
  return useQuery({ queryKey: ['coupon-offers'], queryFn: () => call('GET /coupon-offers') })
}

/** The member's coupons of one group, newest first. */
export const useMyCoupons = (group: MaybeRefOrGetter<CouponGroup>) =>
  usePages('GET /coupons', {
    key: computed(() => ['coupons', toValue(group)]),
    query: computed(() => ({ group: toValue(group) })),
    enabled: isSignedIn,
  })

/** Claims a coupon; one press of the button claims one. */
export function useClaimCoupon() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (template: string) => call('POST /coupons', { body: { template }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSettled: () => Promise.all(['coupon-offers', 'coupons'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
