import type { ConsoleMallItem, ConsoleRedemption } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import type { MallItemBody } from '../lib/mallItemForm.ts'

/** One mall item; an empty id stands for one that is being made. */
export function useMallItem(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['mall-items', id.value]),
    queryFn: ({ signal }) => call<ConsoleMallItem>(`GET /mall-items/${id.value}`, { signal }),
    enabled: computed(() => id.value !== ''),
    staleTime: 0,
  })
}

export function useSaveMallItem() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: Partial<MallItemBody> }) =>
      id
        ? call<ConsoleMallItem>(`PATCH /mall-items/${id}`, { body })
        : call<ConsoleMallItem>('POST /mall-items', { body }),
    onSuccess: (item) => {
      cache.setQueryData(['mall-items', item.id], item)
      return cache.invalidateQueries({ queryKey: ['mall-items'] })
    },
  })
}

export interface RedemptionStep {
  id: string
  step: 'fulfilment' | 'cancellation'
  body: { note?: string; tracking?: string; reason?: string }
}

/** Hands a redemption over to the member, or gives the points back. */
export function useRedemptionStep() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, step, body }: RedemptionStep) =>
      call<ConsoleRedemption>(`POST /redemptions/${id}/${step}`, { body }),
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['redemptions'] }),
        cache.invalidateQueries({ queryKey: ['members'] }),
        cache.invalidateQueries({ queryKey: ['mall-items'] }),
      ]),
  })
}
