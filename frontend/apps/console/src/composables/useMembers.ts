import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AdjustmentIn, MemberIn } from '@jifen/api/console'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
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

/** Sets a member's tags. */
export function useChangeTags(id: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (tags: string[]) => call('PATCH /members/{member_id}', { path: { member_id: id.value }, body: { tags } }),
    onSuccess: (member) => {
      cache.setQueryData(['members', member.id], member)
      return Promise.all([cache.invalidateQueries({ queryKey: ['member-tags'] }), cache.invalidateQueries({ queryKey: ['segments'] })])
    },
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
    onSuccess: () =>
      Promise.all(['members', 'adjustments', 'adjustment-allowance'].map((name) => cache.invalidateQueries({ queryKey: [name] }))),
    onError: (error) => {
      if (error instanceof ApiError && !error.isTemporary) newPress()
    },
  })
  return { adjust, newPress }
}

/** A month of a member's check-ins; no month means this one, where the shop is. */
export function useCheckIns(id: Readonly<Ref<string>>, month: Readonly<Ref<string | null>>) {
  return useQuery({
    queryKey: computed(() => ['members', id.value, 'check-ins', month.value]),
    queryFn: ({ signal }) =>
      call('GET /members/{member_id}/check-ins', { path: { member_id: id.value }, query: { month: month.value }, signal }),
    placeholderData: keepPreviousData,
  })
}
