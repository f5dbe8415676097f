import { newIdempotencyKey } from '@jifen/api'
import type { Cash, PayoutAccountIn, RedPacketIn, StripePayoutAccountIn, WithdrawalRow } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call } from '../boot.ts'

function useRefresh(...names: string[]) {
  const cache = useQueryClient()
  return () => Promise.all(names.map((name) => cache.invalidateQueries({ queryKey: [name] })))
}

/** What members have, what is on its way, what waits for the person signed in. */
export function useCashOverview() {
  return useQuery({ queryKey: ['cash'], queryFn: ({ signal }) => call('GET /cash', { signal }) })
}

/** The settings of cash within the programme. */
export function useSaveCash() {
  const refresh = useRefresh('program', 'cash')
  return useMutation({
    mutationFn: (cash: Partial<Cash>) => call('PATCH /program', { body: { cash }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: refresh,
  })
}

export function usePayoutAccount() {
  return useQuery({ queryKey: ['payout-account'], queryFn: ({ signal }) => call('GET /payout-account', { signal }) })
}

export function useSaveAccount() {
  const refresh = useRefresh('payout-account')
  return useMutation({ mutationFn: (body: PayoutAccountIn) => call('PUT /payout-account', { body }), onSuccess: refresh })
}

export function useStripeAccount() {
  return useQuery({ queryKey: ['payout-account', 'stripe'], queryFn: ({ signal }) => call('GET /payout-account/stripe', { signal }) })
}

export function useSaveStripe() {
  const refresh = useRefresh('payout-account')
  return useMutation({ mutationFn: (body: StripePayoutAccountIn) => call('PUT /payout-account/stripe', { body }), onSuccess: refresh })
}

export function useRedPacket(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['red-packets', toValue(id)]),
    queryFn: ({ signal }) => call('GET /red-packets/{packet_id}', { path: { packet_id: toValue(id) }, signal }),
  })
}

export function useMakeRedPacket() {
  const refresh = useRefresh('red-packets')
  const key = newIdempotencyKey()
  return useMutation({
    mutationFn: (body: RedPacketIn) => call('POST /red-packets', { body, headers: { 'Idempotency-Key': key } }),
    onSuccess: refresh,
  })
}

export function useEndRedPacket() {
  const refresh = useRefresh('red-packets')
  return useMutation({
    mutationFn: (id: string) =>
      call('POST /red-packets/{packet_id}/ending', { path: { packet_id: id }, body: {}, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: refresh,
  })
}

export type Step = 'approval' | 'rejection' | 'payment'

/** Says yes or no to a withdrawal, or notes that it was paid by hand: `text` is the note, or the reference. */
export function useDecideWithdrawal() {
  const refresh = useRefresh('withdrawals', 'cash')
  const key = newIdempotencyKey()
  return useMutation({
    mutationFn: ({ row, step, text }: { row: WithdrawalRow; step: Step; text: string }) => {
      const input = { path: { withdrawal_id: row.id }, headers: { 'Idempotency-Key': `${key}-${text}`.slice(0, 100) } }
      return step === 'payment'
        ? call('POST /withdrawals/{withdrawal_id}/payment', { ...input, body: { reference: text } })
        : call(`POST /withdrawals/{withdrawal_id}/${step}`, { ...input, body: { note: text } })
    },
    onSettled: refresh,
  })
}

/** Ours against theirs: a statement as text, or the provider itself. */
export function useCompare() {
  return useMutation({ mutationFn: (statement: string | null) => call('POST /withdrawal-comparisons', { body: { statement } }) })
}
