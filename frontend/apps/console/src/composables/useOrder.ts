import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** One order with its lines, refunds and the reason of every point. */
export function useOrder(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['orders', id.value]),
    queryFn: ({ signal }) => call('GET /orders/{order_id}', { path: { order_id: id.value }, signal }),
  })
}
