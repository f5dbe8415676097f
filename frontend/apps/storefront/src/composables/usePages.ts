import type { ItemOf, ListRoute, Page } from '@jifen/api'
import type { Operations } from '@jifen/api/storefront'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, pageLoadedAt } from '../boot.ts'

type List = ListRoute<Operations>

interface PagesOptions<Route extends List> {
  key: MaybeRefOrGetter<readonly unknown[]>
  query?: MaybeRefOrGetter<Operations[Route]['takes']['query']>
  /** Parts of the address, for a list that belongs to one thing. */
  path?: MaybeRefOrGetter<Record<string, string>>
  enabled?: MaybeRefOrGetter<boolean>
  first?: () => Page<ItemOf<Operations[Route]>> | undefined
}

/** A list read page by page with a cursor, joined into one array. */
export function usePages<Route extends List>(route: Route, options: PagesOptions<Route>) {
  type Item = ItemOf<Operations[Route]>
  // One signature for all lists: which query belongs to which has been checked above.
  const read = call as (route: List, input: object) => Promise<unknown>
  const query = useInfiniteQuery({
    queryKey: computed(() => toValue(options.key)),
    queryFn: ({ pageParam, signal }) =>
      read(route, { path: toValue(options.path), query: { ...toValue(options.query), cursor: pageParam }, signal }) as Promise<Page<Item>>,
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
