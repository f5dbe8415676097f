import { useQuery } from '@tanstack/vue-query'
import { call } from '../boot.ts'

/** The people who work here. */
export function useStaff() {
  return useQuery({ queryKey: ['staff'], queryFn: ({ signal }) => call('GET /staff', { signal }) })
}
