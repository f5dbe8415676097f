import { newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call, isSignedIn } from '../boot.ts'

const AFFECTED = ['tasks', 'me', 'mall-items', 'mall-item', 'transactions', 'months', 'lots', 'coupons']

/** The task centre: to claim, open, done; `claims_waiting` of all of them. */
export function useTasks() {
  return useQuery({ queryKey: ['tasks'], queryFn: () => call('GET /tasks'), enabled: isSignedIn })
}

/** Takes what a task gives. */
export function useClaim() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (award: string) =>
      call('POST /tasks/{award_id}/claim', { path: { award_id: award }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSettled: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
