import { newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

const KEY = ['referral']

/** My code, the terms, who came by it, what it brought. */
export function useReferral() {
  return useQuery({ queryKey: KEY, queryFn: () => call('GET /referral'), enabled: isSignedIn })
}

/** Enters a friend's code. */
export function useClaim() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (code: string) => call('POST /referral/claims', { body: { code } }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
}

/** Asks to become a distributor. */
export function useApplication() {
  const client = useQueryClient()
  const key = newIdempotencyKey()
  return useMutation({
    mutationFn: (message: string) => call('POST /distributor-applications', { body: { message }, headers: { 'Idempotency-Key': key } }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
}

/** Commission, newest first. */
export function useCommissions() {
  return usePages('GET /commissions', { key: ['referral', 'commissions'], enabled: isSignedIn })
}
