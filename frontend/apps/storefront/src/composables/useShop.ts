import { useQuery } from '@tanstack/vue-query'
import type { Operations } from '@jifen/api/storefront'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

export type ShopSort = NonNullable<NonNullable<Operations['GET /products']['takes']['query']>['sort']>
export interface ShopFilter {
  search: string
  category: string
  sort: ShopSort
}

/** Products on sale, at the prices of whoever is signed in. */
export function useProducts(filter: MaybeRefOrGetter<ShopFilter>) {
  return usePages('GET /products', {
    key: () => ['products', isSignedIn.value, toValue(filter)],
    query: () => {
      const { search, category, sort } = toValue(filter)
      return { search: search || undefined, category: category || undefined, sort }
    },
  })
}

export const useCategories = () => useQuery({ queryKey: ['shop-categories'], queryFn: () => call('GET /shop-categories'), staleTime: 300_000 })

/** One product with its variants. */
export function useProduct(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['product', isSignedIn.value, toValue(id)]),
    queryFn: () => call('GET /products/{product_id}', { path: { product_id: toValue(id) } }),
  })
}
