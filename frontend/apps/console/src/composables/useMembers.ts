import { type Adjustment, ApiError, type MemberDetail, type MemberRow, newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

export interface NewMember {
  external_id?: string
  name?: string
  phone?: string
  email?: string
}

/** One member with everything the head of the page shows. */
export function useMember(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['members', id.value]),
    queryFn: ({ signal }) => call<MemberDetail>(`GET /members/${id.value}`, { signal }),
  })
}

export function useCreateMember() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: NewMember) => call<MemberRow>('POST /members', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['members'] }),
  })
}

/** Adjusts a member's points; a press tried again after a lost answer carries the same key, one after a refusal a new one. */
export function useAdjustment(id: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  let key = newIdempotencyKey()
  const newPress = () => void (key = newIdempotencyKey())
  const adjust = useMutation({
    mutationFn: (body: { points: number; reason: string }) =>
      call<Adjustment>(`POST /members/${id.value}/adjustments`, { body, idempotencyKey: key }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['members'] }),
    onError: (error) => {
      if (error instanceof ApiError && !error.isTemporary) newPress()
    },
  })
  return { adjust, newPress }
}
