import type { MemberFieldChange, MemberFieldIn, ProfileChange } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import type { Ref } from 'vue'
import { call } from '../boot.ts'

/** The shop's own fields of profiles. */
export function useMemberFields() {
  return useQuery({ queryKey: ['member-fields'], queryFn: ({ signal }) => call('GET /member-fields', { signal }) })
}

export function useChangeFields() {
  const cache = useQueryClient()
  const onSuccess = () => cache.invalidateQueries({ queryKey: ['member-fields'] })
  return {
    add: useMutation({ mutationFn: (body: MemberFieldIn) => call('POST /member-fields', { body }), onSuccess }),
    change: useMutation({
      mutationFn: ({ code, body }: { code: string; body: MemberFieldChange }) => call('PATCH /member-fields/{field_code}', { path: { field_code: code }, body }),
      onSuccess,
    }),
  }
}

/** What staff may do with one member's record. */
export function useProfileActions(id: Readonly<Ref<string>>) {
  const cache = useQueryClient()
  const path = () => ({ member_id: id.value })
  const onSuccess = () => cache.invalidateQueries({ queryKey: ['members'] })
  return {
    change: useMutation({ mutationFn: (body: ProfileChange) => call('PATCH /members/{member_id}', { path: path(), body }), onSuccess }),
    link: useMutation({
      mutationFn: (body: { channel: string; external_id: string }) => call('POST /members/{member_id}/identities', { path: path(), body }),
      onSuccess,
    }),
    unlink: useMutation({
      mutationFn: (identity: string) => call('DELETE /members/{member_id}/identities/{identity_id}', { path: { ...path(), identity_id: identity } }),
      onSuccess,
    }),
    merge: useMutation({
      mutationFn: (number: string) => call('POST /members/{member_id}/merge', { path: path(), body: { into_external_id: number } }),
      onSuccess,
    }),
    erase: useMutation({
      mutationFn: (forfeit: boolean) => call('POST /members/{member_id}/erasure', { path: path(), body: { forfeit } }),
      onSuccess,
    }),
    download: async () => {
      const found = await call('GET /members/{member_id}/export', { path: path() })
      const url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: 'application/json' }))
      Object.assign(document.createElement('a'), { href: url, download: `member-${id.value}.json` }).click()
      URL.revokeObjectURL(url)
    },
  }
}
