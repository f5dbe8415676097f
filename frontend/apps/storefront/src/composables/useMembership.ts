import { useQuery } from '@tanstack/vue-query'
import { call, isSignedIn } from '../boot.ts'

/** Where the member stands among the tiers, and how that came about. */
export function useMembership() {
  return useQuery({ queryKey: ['membership'], queryFn: () => call('GET /membership'), enabled: isSignedIn })
}
