import type { CancellationIn, FulfilmentIn, MallItemChange, MallItemIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** One mall item; an empty id stands for one that is being made. */
export function useMallItem(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['mall-items', id.value]),
    queryFn: ({ signal }) => call('GET /mall-items/{item_id}', { path: { item_id: id.value }, signal }),
    enabled: computed(() => id.value !== ''),
    staleTime: 0,
  })
}

/** A change of an item, or all of one that is new. */
export type MallItemSave = { id: string; body: MallItemChange } | { id: ''; body: MallItemIn }

const isNew = (save: MallItemSave): save is Extract<MallItemSave, { id: '' }> => save.id === ''

export function useSaveMallItem() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (save: MallItemSave) =>
      isNew(save)
        ? call('POST /mall-items', { body: save.body })
        : call('PATCH /mall-items/{item_id}', { path: { item_id: save.id }, body: save.body }),
    onSuccess: (item) => {
      cache.setQueryData(['mall-items', item.id], item)
      return cache.invalidateQueries({ queryKey: ['mall-items'] })
    },
  })
}

export type RedemptionStep =
  | { id: string; step: 'fulfilment'; body: FulfilmentIn }
  | { id: string; step: 'cancellation'; body: CancellationIn }

function takeStep({ id, step, body }: RedemptionStep) {
  const path = { redemption_id: id }
  return step === 'fulfilment'
    ? call('POST /redemptions/{redemption_id}/fulfilment', { path, body })
    : call('POST /redemptions/{redemption_id}/cancellation', { path, body })
}

/** Hands a redemption over to the member, or gives the points back. */
export function useRedemptionStep() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: takeStep,
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['redemptions'] }),
        cache.invalidateQueries({ queryKey: ['members'] }),
        cache.invalidateQueries({ queryKey: ['mall-items'] }),
      ]),
  })
}
