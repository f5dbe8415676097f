import type { CouponAudienceIn, CouponTemplateChange, CouponTemplateIn, CouponTemplateTerms } from '@jifen/api/console'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { useDebounced } from './useDebounced.ts'

const PREVIEW_DELAY = 350

/** One template with its latest batch; an empty code stands for one that is being made. */
export function useCouponTemplate(code: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['coupon-templates', code.value]),
    queryFn: ({ signal }) => call('GET /coupon-templates/{template_code}', { path: { template_code: code.value }, signal }),
    enabled: computed(() => code.value !== ''),
    staleTime: 0,
  })
}

/** What the form promises, in the words shoppers will read. */
export function useCouponWords(terms: Readonly<Ref<CouponTemplateTerms>>) {
  const text = useDebounced(
    computed(() => JSON.stringify(terms.value)),
    PREVIEW_DELAY,
  )
  return useQuery({
    queryKey: computed(() => ['coupon-template-previews', text.value]),
    queryFn: ({ signal }) => call('POST /coupon-template-previews', { body: JSON.parse(text.value) as CouponTemplateTerms, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export type CouponSave = { code: string; body: CouponTemplateChange } | { code: ''; body: CouponTemplateIn }

const isNew = (save: CouponSave): save is Extract<CouponSave, { code: '' }> => save.code === ''

export function useSaveCoupon() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (save: CouponSave) =>
      isNew(save)
        ? call('POST /coupon-templates', { body: save.body })
        : call('PATCH /coupon-templates/{template_code}', { path: { template_code: save.code }, body: save.body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['coupon-templates'] }),
  })
}

/** How many members a batch would reach; nothing while it is not said whom. */
export function useAudience(audience: Readonly<Ref<CouponAudienceIn | null>>) {
  const text = useDebounced(
    computed(() => JSON.stringify(audience.value)),
    PREVIEW_DELAY,
  )
  return useQuery({
    queryKey: computed(() => ['coupon-audiences', text.value]),
    queryFn: ({ signal }) => call('POST /coupon-audiences', { body: JSON.parse(text.value) as CouponAudienceIn, signal }),
    enabled: computed(() => text.value !== 'null'),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function useGiveCoupons(code: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: CouponAudienceIn) => call('POST /coupon-templates/{template_code}/batches', { path: { template_code: code.value }, body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['coupon-templates', code.value] }),
  })
}

export function useVoidCoupon() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ code, reason }: { code: string; reason: string }) => call('POST /coupons/{coupon_code}/void', { path: { coupon_code: code }, body: { reason } }),
    onSuccess: () => Promise.all([cache.invalidateQueries({ queryKey: ['coupon-templates'] }), cache.invalidateQueries({ queryKey: ['members'] })]),
  })
}
