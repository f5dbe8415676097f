import type { MallItemItems, MallItemOut } from '@jifen/api/storefront'
import { useQuery, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, pageData } from '../boot.ts'
import { usePages } from './usePages.ts'

/** The mall's items: all, those the member can afford, those of one kind. */
export function useMallItems(affordable: MaybeRefOrGetter<boolean> = false, kind: MaybeRefOrGetter<MallItemOut['kind'] | ''> = '') {
  return usePages('GET /mall-items', {
    key: () => ['mall-items', { affordable: toValue(affordable), kind: toValue(kind) }],
    query: () => ({ affordable: toValue(affordable) || undefined, kind: toValue(kind) || undefined }),
    first: () => (toValue(affordable) || toValue(kind) ? undefined : pageData.mallItems),
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
