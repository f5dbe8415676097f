import { fillPath, type ItemOf, type ListRoute, type Page, type Wanted } from '@jifen/api'
import type { Operations } from '@jifen/api/console'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef } from 'vue'
import { call } from '../boot.ts'

const PAGE_SIZE = 25

type List = ListRoute<Operations>
type Asked<Route extends List> = Wanted<Operations[Route]>

export interface CursorList<Item> {
  items: ComputedRef<Item[]>
  /** Of the whole list, where the server says so. */
  total: ComputedRef<number | null>
  isLoading: ComputedRef<boolean>
  /** New filters are on their way while the old rows still show. */
  isStale: ComputedRef<boolean>
  error: ComputedRef<unknown>
  hasMore: ComputedRef<boolean>
  isLoadingMore: ComputedRef<boolean>
  loadMore: () => void
  retry: () => void
}

/** A list that is read page by page; its path and filters are the key. */
export function useCursorList<Route extends List>(
  route: Route,
  ...[asked]: Record<never, never> extends Asked<Route> ? [asked?: () => Asked<Route>] : [asked: () => Asked<Route>]
): CursorList<ItemOf<Operations[Route]>> {
  type Answer = Page<ItemOf<Operations[Route]>> & { total?: number }
  // One signature for all lists: what belongs to which has been checked above.
  const read = call as (route: List, input: object) => Promise<unknown>
  const input = computed<{ path?: Record<string, string>; query?: object }>(() => asked?.() ?? {})
  const query = useInfiniteQuery({
    queryKey: computed(() => [...fillPath(route, input.value.path).split('/').slice(1), input.value.query ?? {}]),
    queryFn: ({ pageParam, signal }) =>
      read(route, { ...input.value, query: { ...input.value.query, limit: PAGE_SIZE, cursor: pageParam }, signal }) as Promise<Answer>,
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
  return {
    items: computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? []),
    total: computed(() => query.data.value?.pages[0]?.total ?? null),
    isLoading: computed(() => query.isPending.value),
    isStale: computed(() => query.isPlaceholderData.value),
    error: computed(() => (query.data.value ? null : query.error.value)),
    hasMore: computed(() => query.hasNextPage.value),
    isLoadingMore: computed(() => query.isFetchingNextPage.value),
    loadMore: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
  }
}
