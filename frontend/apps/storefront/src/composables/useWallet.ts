import type { Lot, MonthSummary, Page, Transaction } from '@jifen/api'
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

export type Direction = 'all' | 'in' | 'out'

/** The ledger, newest first. */
export function useTransactions(direction: MaybeRefOrGetter<Direction>) {
  return usePages<Transaction>({
    key: () => ['transactions', { direction: toValue(direction) }],
    path: '/transactions',
    query: () => ({ direction: toValue(direction) === 'all' ? undefined : toValue(direction) }),
    enabled: isSignedIn,
  })
}

/** Earned and spent by month, newest first. */
export function useMonths() {
  return useQuery({ queryKey: ['months'], queryFn: () => call<Pick<Page<MonthSummary>, 'items'>>('GET /transactions/months'), enabled: isSignedIn })
}

/** Open lots, the soonest to expire first. */
export function useLots() {
  return useQuery({ queryKey: ['lots'], queryFn: () => call<Pick<Page<Lot>, 'items'>>('GET /lots'), enabled: isSignedIn })
}
