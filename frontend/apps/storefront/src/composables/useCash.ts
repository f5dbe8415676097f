import { newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

const AFFECTED = ['cash', 'cash-transactions', 'withdrawals', 'red-packets', 'me', 'transactions', 'months', 'lots', 'mall-items', 'mall-item']

function useChange() {
  const client = useQueryClient()
  return () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] })))
}

/** What there is, what is on its way, and what may be done with it now. */
export function useCash() {
  return useQuery({ queryKey: ['cash'], queryFn: () => call('GET /cash'), enabled: isSignedIn })
}

/** The cash ledger, newest first. */
export function useCashTransactions() {
  return usePages('GET /cash/transactions', { key: ['cash-transactions'], enabled: isSignedIn })
}

/** The member's withdrawals, newest first. */
export function useWithdrawals() {
  return usePages('GET /withdrawals', { key: ['withdrawals'], enabled: isSignedIn })
}

/** Red packets that are open for this member. */
export function useRedPackets() {
  return useQuery({ queryKey: ['red-packets'], queryFn: () => call('GET /red-packets'), enabled: isSignedIn })
}

/** Points become cash. The caller keeps one key for one press and its repetitions. */
export function useExchange() {
  const refresh = useChange()
  return useMutation({
    mutationFn: ({ points, key }: { points: number; key: string }) =>
      call('POST /cash-exchanges', { body: { points }, headers: { 'Idempotency-Key': key } }),
    onSettled: refresh,
  })
}

interface Wish {
  cents: number
  name: string
  account: string
  key: string
}

/** Asks for cash to be paid out. */
export function useWithdraw() {
  const refresh = useChange()
  return useMutation({
    mutationFn: ({ cents, name, account, key }: Wish) =>
      call('POST /withdrawals', {
        body: { amount_cents: cents, payee_name: name, payee_account: account },
        headers: { 'Idempotency-Key': key },
      }),
    onSettled: refresh,
  })
}

/** Takes a withdrawal back that nobody has decided on. */
export function useCancelWithdrawal() {
  const refresh = useChange()
  return useMutation({
    mutationFn: (id: string) =>
      call('POST /withdrawals/{withdrawal_id}/cancellation', {
        path: { withdrawal_id: id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSettled: refresh,
  })
}
