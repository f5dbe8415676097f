import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AdjustmentIn, MemberIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** One member with everything the head of the page shows. */
export function useMember(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['members', id.value]),
    queryFn: ({ signal }) => call('GET /members/{member_id}', { path: { member_id: id.value }, signal }),
  })
}

export function useCreateMember() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: MemberIn) => call('POST /members', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['members'] }),
  })
}

/** Adjusts a member's points; a press tried again after a lost answer carries the same key, one after a refusal a new one. */
export function useAdjustment(id: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  let key = newIdempotencyKey()
  const newPress = () => void (key = newIdempotencyKey())
  const adjust = useMutation({
    mutationFn: (body: AdjustmentIn) =>
      call('POST /members/{member_id}/adjustments', { path: { member_id: id.value }, body, headers: { 'Idempotency-Key': key } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['members'] }),
    onError: (error) => {
      if (error instanceof ApiError && !error.isTemporary) newPress()
    },
  })
  return { adjust, newPress }
}
