import { ApiError, type Me } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { call, isSignedIn, pageData, pageLoadedAt } from '../boot.ts'

async function fetchMe(): Promise<Me | null> {
  try {
    return await call<Me>('GET /me')
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

export interface ProfileChange {
  name?: string
  birthday?: string | null
}

/** Changes of the member's own profile. */
export function useUpdateMe() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: ProfileChange) => call<Me>('PATCH /me', { body: change }),
    onSuccess: (me) => client.setQueryData(['me'], me),
  })
}
