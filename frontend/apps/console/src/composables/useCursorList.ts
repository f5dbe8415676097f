import type { Page, QueryValue, Route } from '@jifen/api'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef } from 'vue'
import { call } from '../boot.ts'

const PAGE_SIZE = 25

export type ListParams = Record<string, QueryValue>

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

/** A list that is read page by page; its filters are part of the key. */
export function useCursorList<Item>(route: () => Route, params: () => ListParams = () => ({})): CursorList<Item> {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...route().split(/[ /]+/).slice(1), params()]),
    queryFn: ({ pageParam, signal }) =>
      call<Page<Item> & { total?: number }>(route(), {
        query: { ...params(), limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
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
