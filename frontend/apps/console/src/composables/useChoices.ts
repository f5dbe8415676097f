import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref, ref } from 'vue'
import { call } from '../boot.ts'
import { useDebounced } from './useDebounced.ts'

export const CHOICE_KINDS = ['coupon', 'segment', 'payer', 'category', 'sku'] as const
export type ChoiceKind = (typeof CHOICE_KINDS)[number]

export interface Choice {
  code: string
  name: string
}

const MINUTE = 60_000
const PAGE = 100
const MOST_PAGES = 5
const PAUSE = 250

/** All templates by their names, the newest first; a shop with more than 500 types the code of an older one. */
async function coupons(signal: AbortSignal): Promise<Choice[]> {
  const found: Choice[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const { items, next } = await call('GET /coupon-templates', { query: { limit: PAGE, ...(cursor ? { cursor } : {}) }, signal })
    found.push(...items.map(({ code, name }) => ({ code, name })))
    if (!next) break
    cursor = next
  }
  return found
}

const LOADERS: Record<ChoiceKind, (search: string, signal: AbortSignal) => Promise<Choice[]>> = {
  coupon: (_, signal) => coupons(signal),
  segment: async (_, signal) => (await call('GET /segments', { query: { limit: PAGE }, signal })).items,
  payer: async (_, signal) => (await call('GET /funding-sources', { signal })).items,
  category: async (_, signal) => (await call('GET /shop-categories', { signal })).items,
  sku: async (search, signal) => (await call('GET /product-skus', { query: search ? { search } : {}, signal })).items,
}

/** Kinds with too many to load at once: the server looks for them. */
export const isSearched = (kind: ChoiceKind): boolean => kind === 'sku'

/** What there is to choose from; `search` matters where the server looks. */
export function useChoices(kind: ChoiceKind, search: Readonly<Ref<string>> = ref('')) {
  const asked = useDebounced(
    computed(() => (isSearched(kind) ? search.value.trim() : '')),
    PAUSE,
  )
  return useQuery({
    queryKey: computed(() => ['choices', kind, asked.value]),
    queryFn: ({ signal }) => LOADERS[kind](asked.value, signal),
    staleTime: MINUTE,
    placeholderData: keepPreviousData,
    retry: false,
  })
}
