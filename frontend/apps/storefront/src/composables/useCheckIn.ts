import { newIdempotencyKey } from '@jifen/api'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'

const AFFECTED = ['check-ins', 'me', 'mall-items', 'mall-item', 'transactions', 'months', 'lots']

/** A month of check-ins (the current one when empty), the streak and the days to come. */
export function useCheckIns(month: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['check-ins', toValue(month)]),
    queryFn: () => call('GET /check-ins', { query: { month: toValue(month) || null } }),
    placeholderData: keepPreviousData,
    enabled: isSignedIn,
  })
}

function useChange() {
  const client = useQueryClient()
  return () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] })))
}

/** Today's tap. */
export function useCheckInNow() {
  const refresh = useChange()
  return useMutation({
    mutationFn: () => call('POST /check-ins', { headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSettled: refresh,
  })
}

/** Fills a missed day. */
export function useMakeUp() {
  const refresh = useChange()
  return useMutation({
    mutationFn: (date: string) => call('POST /make-ups', { body: { date }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSettled: refresh,
  })
}
