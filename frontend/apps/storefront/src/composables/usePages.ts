import type { Page } from '@jifen/api'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, pageLoadedAt } from '../boot.ts'

interface PagesOptions<Item> {
  key: MaybeRefOrGetter<readonly unknown[]>
  path: `/${string}`
  query?: MaybeRefOrGetter<Record<string, string | boolean | undefined>>
  enabled?: MaybeRefOrGetter<boolean>
  first?: () => Page<Item> | undefined
}

/** A list read page by page with a cursor, joined into one array. */
export function usePages<Item>(options: PagesOptions<Item>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => toValue(options.key)),
    queryFn: ({ pageParam, signal }) =>
      call<Page<Item>>(`GET ${options.path}`, { query: { ...toValue(options.query), cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<Item>) => last.next,
    enabled: () => toValue(options.enabled) ?? true,
    initialData: () => {
      const first = options.first?.()
      return first && { pages: [first], pageParams: [null] }
    },
    initialDataUpdatedAt: pageLoadedAt,
  })
  const items = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...query, items }
}
