import { newIdempotencyKey } from '@jifen/api'
import type { AdmissionIn, DistributorRow } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call } from '../boot.ts'

export type DistributorStep = 'rejection' | 'end'

/** What came of the invitations of the last 90 days. */
export function useFunnel() {
  return useQuery({ queryKey: ['referral-funnel'], queryFn: ({ signal }) => call('GET /referral-funnel', { signal }) })
}

/** All commissions in three sums. */
export function useCommissionSums() {
  return useQuery({ queryKey: ['commissions', 'sums'], queryFn: ({ signal }) => call('GET /commissions/sums', { signal }) })
}

/** Active distributors of the first level, under whom others may stand. */
export function useParents() {
  return useQuery({
    queryKey: ['distributors', 'parents'],
    queryFn: async ({ signal }) => {
      const page = await call('GET /distributors', { query: { status: 'active', limit: 100 }, signal })
      return page.items.filter((row) => row.level === 1)
    },
  })
}

function useDistributorChange<Values>(change: (values: Values, key: string) => Promise<DistributorRow>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (values: Values) => change(values, newIdempotencyKey()),
    onSettled: () => cache.invalidateQueries({ queryKey: ['distributors'] }),
  })
}

/** Takes a member in as a distributor. */
export function useAdmission() {
  return useDistributorChange((body: AdmissionIn, key) => call('POST /distributors', { body, headers: { 'Idempotency-Key': key } }))
}

/** Rejects an application, or ends a distributor. */
export function useDistributorStep() {
  return useDistributorChange(({ row, step, note }: { row: DistributorRow; step: DistributorStep; note: string }, key) =>
    call(`POST /distributors/{distributor_id}/${step}`, { path: { distributor_id: row.id }, body: { note }, headers: { 'Idempotency-Key': key } }),
  )
}

/** Puts a distributor below another, or at the top. */
export function useMove() {
  return useDistributorChange(({ row, parent }: { row: DistributorRow; parent: string | null }, key) =>
    call('POST /distributors/{distributor_id}/parent', { path: { distributor_id: row.id }, body: { parent_id: parent }, headers: { 'Idempotency-Key': key } }),
  )
}
