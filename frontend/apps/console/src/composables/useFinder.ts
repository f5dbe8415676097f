import type { Page } from '@jifen/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { can } from '../session.ts'

const SHOWN = 5

interface Search {
  query: { q: string; limit: number }
  signal: AbortSignal
}

function useFound<Row>(path: 'members' | 'orders', text: Readonly<Ref<string>>, find: (search: Search) => Promise<Page<Row>>) {
  return useQuery({
    queryKey: computed(() => [path, 'finder', text.value]),
    queryFn: ({ signal }) => find({ query: { q: text.value, limit: SHOWN }, signal }),
    enabled: computed(() => text.value !== '' && can(`${path}:read`)),
    staleTime: 30_000,
  })
}

/** Members and orders whose name or number contains a text. */
export function useFinder(text: Readonly<Ref<string>>) {
  return {
    members: useFound('members', text, (search) => call('GET /members', search)),
    orders: useFound('orders', text, (search) => call('GET /orders', search)),
  }
}
