import type { CategoryChange, CategoryIn, ProductChange, ProductIn, ProductOut, StockIn, VariantsIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** One product; an empty id stands for one that is being made. */
export function useProduct(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['products', id.value]),
    queryFn: ({ signal }) => call('GET /products/{product_id}', { path: { product_id: id.value }, signal }),
    enabled: computed(() => id.value !== ''),
    staleTime: 0,
  })
}

/** All of a new product, or what changed of one that is there. */
export type ProductSave = { id: ''; body: ProductIn } | { id: string; body: ProductChange | null; variants: VariantsIn | null }

const isNew = (save: ProductSave): save is Extract<ProductSave, { id: '' }> => save.id === ''

/** Variants go first: a product can only be put on sale with something to sell. */
async function store(save: ProductSave): Promise<ProductOut> {
  if (isNew(save)) return call('POST /products', { body: save.body })
  const path = { product_id: save.id }
  const put = save.variants && (await call('PUT /products/{product_id}/variants', { path, body: save.variants }))
  if (put && !save.body) return put
  return call('PATCH /products/{product_id}', { path, body: save.body ?? {} })
}

export function useSaveProduct() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: store,
    onSuccess: (product) => {
      cache.setQueryData(['products', product.id], product)
      return cache.invalidateQueries({ queryKey: ['products'] })
    },
  })
}

/** Several at once: on sale or paused. */
export function useProductStatuses() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { product_ids: string[]; status: ProductOut['status'] }) => call('POST /product-statuses', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['products'] }),
  })
}

export function useStockChange() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, body, key }: { id: string; body: StockIn; key: string }) =>
      call('POST /variants/{variant_id}/stock', { path: { variant_id: id }, body, headers: { 'Idempotency-Key': key } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['products'] }),
  })
}

export const useCategories = () => useQuery({ queryKey: ['shop-categories'], queryFn: () => call('GET /shop-categories') })

export function useCategoryChanges() {
  const cache = useQueryClient()
  const onSuccess = () => Promise.all(['shop-categories', 'products'].map((name) => cache.invalidateQueries({ queryKey: [name] })))
  const save = useMutation({
    mutationFn: async ({ code, isNew: fresh, body }: { code: string; isNew: boolean; body: CategoryChange }) => {
      if (fresh) await call('POST /shop-categories', { body: { ...body, code } as CategoryIn })
      else await call('PATCH /shop-categories/{category_code}', { path: { category_code: code }, body })
    },
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (code: string) => call('DELETE /shop-categories/{category_code}', { path: { category_code: code } }),
    onSuccess,
  })
  return { save, remove }
}

/** Sends a picture; the same file again is the same picture. */
export function useUpload() {
  return useMutation({ mutationFn: (file: File) => call('POST /pictures', { body: { file } }) })
}
