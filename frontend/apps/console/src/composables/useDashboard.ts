import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** The figures of a period; the old ones stay on screen until the new ones are here. */
export function useDashboard(period: Readonly<Ref<{ from: string; to: string }>>) {
  return useQuery({
    queryKey: computed(() => ['dashboard', { from: period.value.from, to: period.value.to }]),
    queryFn: ({ signal }) =>
      call('GET /dashboard', { query: { from: period.value.from, to: period.value.to }, signal }),
    placeholderData: keepPreviousData,
  })
}
