import { newIdempotencyKey } from '@jifen/api'
import type { CountedTierOut, ManualTierIn, TierIn, TierReleaseIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call, format } from '../boot.ts'
import type { QualifyBy } from '../lib/tierForm.ts'
import { can } from '../session.ts'
import { useText } from './useText.ts'

/** The ladder, lowest first, with how many members are on each tier; not for roles that may not read settings. */
export function useTiers() {
  return useQuery({ queryKey: ['tiers'], queryFn: ({ signal }) => call('GET /tiers', { signal }), enabled: () => can('settings:read') })
}

/** Adds a tier, or changes the one with this code. */
export function useSaveTier() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ code, isNew, body }: { code: string; isNew: boolean; body: Omit<TierIn, 'code'> }) =>
      isNew ? call('POST /tiers', { body: { ...body, code } }) : call('PATCH /tiers/{code}', { path: { code }, body }),
    onSuccess: () => Promise.all(['tiers', 'program', 'members'].map((key) => cache.invalidateQueries({ queryKey: [key] }))),
  })
}

/** Where a member stands, and the latest moves. */
export function useMemberTier(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['members', id.value, 'tier']),
    queryFn: ({ signal }) => call('GET /members/{member_id}/tier', { path: { member_id: id.value }, signal }),
  })
}

/** Sets a member's tier by hand, or ends that. */
export function useSetTier(id: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  const onSuccess = () => cache.invalidateQueries({ queryKey: ['members'] })
  const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() })
  const path = () => ({ member_id: id.value })
  const set = useMutation({
    mutationFn: (body: ManualTierIn) => call('POST /members/{member_id}/tier', { path: path(), body, headers: headers() }),
    onSuccess,
  })
  const release = useMutation({
    mutationFn: (body: TierReleaseIn) => call('POST /members/{member_id}/tier/release', { path: path(), body, headers: headers() }),
    onSuccess,
  })
  return { set, release }
}

/** Amounts and benefits of tiers in words. */
export function useTierText() {
  const { t } = useText()
  const amount = (by: QualifyBy, value: number) => (by === 'spend' ? format.money(value) : t(`tiers.amounts.${by}`, { n: value, value: format.points(value) }))
  function benefits({ benefits: given, monthly_coupon: coupon }: CountedTierOut): string[] {
    return [
      Number(given.earn_multiplier) > 1 && t('tiers.gives.earn', { value: given.earn_multiplier }),
      given.birthday_points > 0 && t('tiers.gives.birthday', { value: format.points(given.birthday_points) }),
      given.checkin_bonus_points > 0 && t('tiers.gives.checkIn', { value: format.points(given.checkin_bonus_points) }),
      Number(given.member_price_rate) < 1 && t('tiers.gives.memberPrice', { percent: Number((Number(given.member_price_rate) * 100).toFixed(2)) }),
      given.free_shipping && t('tiers.gives.freeShipping'),
      coupon && t('tiers.gives.coupon', { name: coupon.name }),
    ].filter((line): line is string => Boolean(line))
  }
  /** What became of the coupons of this month, where somebody could have none. */
  function missed({ coupons_this_month: found }: CountedTierOut): string {
    if (!found?.missed_reason) return ''
    return t('tiers.couponsMissed', { n: found.missed_count, value: format.points(found.missed_count), why: t(`tiers.missed.${found.missed_reason}`) })
  }
  const given = ({ coupons_this_month: found }: CountedTierOut): string => (found ? t('tiers.couponsGiven', { n: found.issued_count, value: format.points(found.issued_count) }) : '')
  return { amount, benefits, given, missed }
}
