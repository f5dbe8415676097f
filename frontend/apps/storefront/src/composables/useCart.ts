import type { CartOut } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, shallowRef } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { readCart, withLine, writeCart, type KeptLine } from '../cart.ts'

const EMPTY: CartOut = {
  lines: [], pieces: 0, list_cents: 0, saved_cents: 0, total_cents: 0, free_shipping_from_cents: null, free_shipping_missing_cents: null, can_check_out: false,
}
const kept = shallowRef<KeptLine[]>(readCart())

function keep(lines: KeptLine[]): void {
  kept.value = lines
  writeCart(lines)
}

/** A member's cart; what this browser gathered before the sign-in joins it first. */
async function readOwn(): Promise<CartOut> {
  if (kept.value.length === 0) return call('GET /cart')
  const lines = kept.value
  const merged = await call('POST /cart/merges', { body: { lines } })
  if (kept.value === lines) keep([])
  return merged
}

const price = (lines: KeptLine[]) => (lines.length ? call('POST /cart/previews', { body: { lines } }) : Promise.resolve(EMPTY))

async function put(variant_id: string, quantity: number): Promise<CartOut> {
  if (!isSignedIn.value) {
    keep(withLine(kept.value, variant_id, quantity))
    return price(kept.value)
  }
  const path = { variant_id }
  return quantity < 1 ? call('DELETE /cart/lines/{variant_id}', { path }) : call('PUT /cart/lines/{variant_id}', { path, body: { quantity } })
}

/** The cart, in the browser until somebody signs in, and the way to change it. */
export function useCart() {
  const client = useQueryClient()
  const key = computed(() => ['cart', isSignedIn.value])
  const cart = useQuery({
    queryKey: key,
    queryFn: () => (isSignedIn.value ? readOwn() : price(kept.value)),
    staleTime: 10_000,
  })
  const change = useMutation({
    mutationFn: ({ variant, quantity }: { variant: string; quantity: number }) => put(variant, quantity),
    onSuccess: (next) => client.setQueryData(key.value, next),
  })
  const lines = computed(() => cart.data.value?.lines ?? [])
  const pieces = computed(() => cart.data.value?.pieces ?? 0)
  const quantityOf = (variant: string) => lines.value.find((line) => line.variant_id === variant)?.quantity ?? 0
  return { cart, lines, pieces, quantityOf, change }
}
