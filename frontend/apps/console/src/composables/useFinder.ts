import type { MemberRow, OrderRow, Page } from '@jifen/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { can } from '../session.ts'

const SHOWN = 5

function useFound<Row>(path: 'members' | 'orders', text: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => [path, 'finder', text.value]),
    queryFn: ({ signal }) => call<Page<Row>>(`GET /${path}`, { query: { q: text.value, limit: SHOWN }, signal }),
    enabled: computed(() => text.value !== '' && can(`${path}:read`)),
    staleTime: 30_000,
  })
}

/** Members and orders whose name or number contains a text. */
export function useFinder(text: Readonly<Ref<string>>) {
  return { members: useFound<MemberRow>('members', text), orders: useFound<OrderRow>('orders', text) }
}
