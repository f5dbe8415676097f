import type { CancellationIn, FulfilmentIn, MallItemChange, MallItemIn, MoneySeenIn, PaymentNoteIn, RedemptionOut } from '@jifen/api/console'
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

/** The pool of an item of gift codes, and what can be done with it. */
export function useGiftCodes(id: () => string) {
  const cache = useQueryClient()
  const path = () => ({ item_id: id() })
  const { data: pool } = useQuery({
    queryKey: computed(() => ['mall-items', id(), 'pool']),
    queryFn: ({ signal }) => call('GET /mall-items/{item_id}/gift-codes', { path: path(), signal }),
  })
  const onSuccess = () => cache.invalidateQueries({ queryKey: ['mall-items'] })
  const add = useMutation({ mutationFn: (text: string) => call('POST /mall-items/{item_id}/gift-codes', { path: path(), body: { text } }), onSuccess })
  const empty = useMutation({ mutationFn: () => call('DELETE /mall-items/{item_id}/gift-codes', { path: path() }), onSuccess })
  return { pool, add, empty }
}

/** What a code shown at the counter stands for, and handing it over. */
export function useCounter() {
  const cache = useQueryClient()
  const look = useMutation({ mutationFn: (code: string) => call('POST /pickup-lookups', { body: { code } }) })
  const handOver = useMutation({
    mutationFn: (code: string) => call('POST /pickup-verifications', { body: { code } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['redemptions'] }),
  })
  return { look, handOver }
}

export type RedemptionStep =
  | { id: string; step: 'fulfilment'; body: FulfilmentIn }
  | { id: string; step: 'cancellation'; body: CancellationIn }
  | { id: string; step: 'payment'; body: PaymentNoteIn }
  | { id: string; step: 'use'; body: Record<string, never> }
  | { id: string; step: 'return'; payment: string; body: MoneySeenIn }

export type StepName = RedemptionStep['step']

/** Money that no provider sends back: the shop does. */
export const isOwed = (payment: RedemptionOut['payments'][number]): boolean => payment.status === 'owed'

function takeStep(taken: RedemptionStep) {
  const path = { redemption_id: taken.id }
  if (taken.step === 'fulfilment') return call('POST /redemptions/{redemption_id}/fulfilment', { path, body: taken.body })
  if (taken.step === 'payment') return call('POST /redemptions/{redemption_id}/payment', { path, body: taken.body })
  if (taken.step === 'return') return call('POST /redemptions/{redemption_id}/payments/{payment_id}/return', { path: { ...path, payment_id: taken.payment }, body: taken.body })
  if (taken.step === 'use') return call('POST /redemptions/{redemption_id}/use', { path, body: taken.body })
  return call('POST /redemptions/{redemption_id}/cancellation', { path, body: taken.body })
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
