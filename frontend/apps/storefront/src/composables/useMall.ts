import type { MallItemItems } from '@jifen/api/storefront'
import { useQuery, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, pageData } from '../boot.ts'
import { usePages } from './usePages.ts'

/** The mall's items, all or those the member can afford. */
export function useMallItems(affordable: MaybeRefOrGetter<boolean> = false) {
  return usePages('GET /mall-items', {
    key: () => ['mall-items', { affordable: toValue(affordable) }],
    query: () => ({ affordable: toValue(affordable) || undefined }),
    first: () => (toValue(affordable) ? undefined : pageData.mallItems),
  })
}

/** One item; what a list already knows of it is shown at once. */
export function useMallItem(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  const known = () =>
    client
      .getQueriesData<InfiniteData<MallItemItems>>({ queryKey: ['mall-items'] })
      .flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? [])
      .find((item) => item.id === toValue(id))
  return useQuery({
    queryKey: computed(() => ['mall-item', toValue(id)]),
    queryFn: () => call('GET /mall-items/{item_id}', { path: { item_id: toValue(id) } }),
    placeholderData: known,
  })
}
