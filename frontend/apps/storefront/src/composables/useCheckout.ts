import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AddressIn, CartLineIn, CheckoutOut, ShopOrderOut } from '@jifen/api/storefront'
import { useQueryClient } from '@tanstack/vue-query'
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { call } from '../boot.ts'
import { bestCoupon, givingWay, pressKeys, type Wish } from '../checkout.ts'
import { t } from '../i18n.ts'
import { errorText } from '../texts.ts'
import { afterOrderChange } from './useShopOrders.ts'

const PAUSE_MS = 200

/** A checkout: every change asks what it comes to, and only the answer to the last question counts. */
export function useCheckout(lines: () => CartLineIn[]) {
  const client = useQueryClient()
  const wish = ref<Wish>({ coupons: [], points: 0, cash: 0 })
  const quote = shallowRef<CheckoutOut | null>(null)
  /** Why there is no quote at all. */
  const error = shallowRef<unknown>(null)
  /** What gave way, or was refused: beside the button. */
  const problem = shallowRef('')
  const isStale = shallowRef(true)
  const isPlacing = shallowRef(false)
  const keys = pressKeys(newIdempotencyKey)
  let turn = 0
  let timer = 0

  const asked = () => ({ lines: lines(), coupon_codes: wish.value.coupons, points: wish.value.points, cash_cents: wish.value.cash })

  /** True when something was left so that the rest can go on. */
  function give(refusal: unknown): boolean {
    const next = refusal instanceof ApiError ? givingWay(wish.value, refusal) : null
    if (!next) return false
    problem.value = errorText(refusal)
    wish.value = next
    return true
  }

  async function ask(): Promise<void> {
    turn += 1
    const mine = turn
    isStale.value = true
    try {
      const found = await call('POST /checkout-quotes', { body: asked() })
      if (mine !== turn) return
      quote.value = found
      error.value = null
      isStale.value = false
    } catch (refusal) {
      if (mine === turn && !give(refusal)) error.value = refusal
    }
  }

  /** Opens with the coupon that saves most; nothing is shown before it is in the sum. */
  async function begin(): Promise<void> {
    try {
      const plain = await call('POST /checkout-quotes', { body: { lines: lines() } })
      const best = bestCoupon(plain)
      if (best) wish.value = { ...wish.value, coupons: [best] }
      else {
        quote.value = plain
        isStale.value = false
      }
      error.value = null
    } catch (refusal) {
      error.value = refusal
    }
  }

  watch(wish, () => {
    isStale.value = true
    turn += 1
    clearTimeout(timer)
    timer = window.setTimeout(() => void ask(), quote.value ? PAUSE_MS : 0)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  /** The buyer's own change; what was told of an earlier one is over. */
  function change(next: Partial<Wish>): void {
    problem.value = ''
    wish.value = { ...wish.value, ...next }
  }

  function explain(refusal: unknown): void {
    const isUnsure = refusal instanceof ApiError && refusal.isTemporary
    problem.value = isUnsure ? t('checkout.unsure') : errorText(refusal)
    if (isUnsure) return
    keys.forget()
    if (!give(refusal)) void ask()
  }

  /** The order, or null with the reason in `problem`; without an answer a second press is the same one. */
  async function place(address: AddressIn, note: string): Promise<ShopOrderOut | null> {
    if (!quote.value || isPlacing.value || isStale.value) return null
    isPlacing.value = true
    problem.value = ''
    const body = { ...asked(), expected_payable_cents: quote.value.payable_cents, address, note: note.trim() }
    try {
      const order = await call('POST /shop-orders', { body, headers: { 'Idempotency-Key': keys.of(body) } })
      afterOrderChange(client, order)
      return order
    } catch (refusal) {
      explain(refusal)
      return null
    } finally {
      isPlacing.value = false
    }
  }

  return { wish, quote, error, problem, isStale, isPlacing, begin, ask, change, place }
}
