import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

export type Direction = 'all' | 'in' | 'out'

const askedOf = (direction: Direction) => (direction === 'all' ? null : direction)

/** The ledger, newest first. */
export function useTransactions(direction: MaybeRefOrGetter<Direction>) {
  return usePages('GET /transactions', {
    key: () => ['transactions', { direction: toValue(direction) }],
    query: () => ({ direction: askedOf(toValue(direction)) }),
    enabled: isSignedIn,
  })
}

/** Earned and spent by month, newest first. */
export function useMonths() {
  return useQuery({ queryKey: ['months'], queryFn: () => call('GET /transactions/months'), enabled: isSignedIn })
}

/** Open lots, the soonest to expire first. */
export function useLots() {
  return useQuery({ queryKey: ['lots'], queryFn: () => call('GET /lots'), enabled: isSignedIn })
}
