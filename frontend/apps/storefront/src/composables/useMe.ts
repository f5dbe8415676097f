import { ApiError } from '@jifen/api'
import type { MeChange, MeOut } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { call, isSignedIn, pageData, pageLoadedAt } from '../boot.ts'

async function fetchMe(): Promise<MeOut | null> {
  try {
    return await call('GET /me')
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}

/** The member who is signed in, or null. */
export function useMe() {
  const query = useQuery({
    queryKey: ['me'],
    queryFn: fetchMe,
    enabled: isSignedIn,
    initialData: () => pageData.member,
    initialDataUpdatedAt: pageLoadedAt,
  })
  const me = computed(() => (isSignedIn.value ? (query.data.value ?? null) : null))
  return { ...query, me }
}

/** Changes of the member's own profile. */
export function useUpdateMe() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: MeChange) => call('PATCH /me', { body: change }),
    onSuccess: (me) => client.setQueryData(['me'], me),
  })
}
