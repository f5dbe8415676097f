import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AdjustmentRow } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call } from '../boot.ts'
import { can } from '../session.ts'

const EVERY_MINUTE = 60_000

/** What the person signed in may still adjust, and how many requests wait for them; asked again each minute. */
export function useAllowance() {
  return useQuery({
    queryKey: ['adjustment-allowance'],
    queryFn: ({ signal }) => call('GET /adjustment-allowance', { signal }),
    enabled: can('points:write'),
    refetchInterval: EVERY_MINUTE,
  })
}

export interface Decision {
  adjustment: AdjustmentRow
  step: 'approval' | 'rejection'
  note: string
}

/** Approves or rejects; a press tried again after a lost answer carries the same key, one after a refusal a new one. */
export function useDecision() {
  const cache = useQueryClient()
  let key = newIdempotencyKey()
  const refresh = () =>
    Promise.all(['adjustments', 'adjustment-allowance', 'members'].map((name) => cache.invalidateQueries({ queryKey: [name] })))
  return useMutation({
    mutationFn: ({ adjustment, step, note }: Decision) =>
      call(`POST /adjustments/{adjustment_id}/${step}`, {
        path: { adjustment_id: adjustment.id },
        body: { note },
        headers: { 'Idempotency-Key': key },
      }),
    onSuccess: refresh,
    onError: (error) => {
      if (!(error instanceof ApiError) || error.isTemporary) return undefined
      key = newIdempotencyKey()
      return refresh()
    },
  })
}
