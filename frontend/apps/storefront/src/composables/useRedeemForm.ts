import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AddressIn, MallItemOut, MeOut, RedemptionIn, RedemptionOut } from '@jifen/api/storefront'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { addressErrors, emptyAddress, trimmed, type AddressErrors } from '../address.ts'
import { t } from '../i18n.ts'
import { mostOf, offerOf } from '../redeem.ts'
import { errorText } from '../texts.ts'
import { useRedeem, useRedemptions } from './useRedemptions.ts'

/** The redeem form: quantity, address, and a press of the button that counts once. */
export function useRedeemForm(item: () => MallItemOut, me: () => MeOut) {
  const redeem = useRedeem()
  const { items: earlier } = useRedemptions()
  const quantity = ref(1)
  const address = ref<AddressIn>(emptyAddress())
  const errors = reactive<AddressErrors>({})
  const problem = shallowRef('')
  const done = shallowRef<RedemptionOut | null>(null)
  const variantId = ref('')
  const delivery = ref<'ship' | 'pickup'>('ship')
  const payment = ref<'wallet' | 'later'>('wallet')
  const variant = computed(() => item().variants.find((one) => one.id === variantId.value) ?? null)
  const offer = computed(() => offerOf(item(), variant.value))
  const points = computed(() => offer.value.price_points * quantity.value)
  const cents = computed(() => offer.value.price_cents * quantity.value)
  const most = computed(() => mostOf(item(), me().points.available, variant.value))
  const isGoods = computed(() => item().kind === 'goods')
  const needsAddress = computed(() => isGoods.value && delivery.value === 'ship')
  let key = newIdempotencyKey()

  watch(
    earlier,
    (redemptions) => {
      const last = redemptions.find((redemption) => redemption.address)?.address
      if (last && !trimmed(address.value).line) address.value = { ...last }
    },
    { immediate: true },
  )
  /** Another order is another press. */
  watch(
    [quantity, address, variantId, delivery, payment],
    () => {
      key = newIdempotencyKey()
      problem.value = ''
    },
    { deep: true },
  )

  function isComplete(): boolean {
    for (const field of Object.keys(errors) as (keyof AddressIn)[]) delete errors[field]
    if (needsAddress.value) Object.assign(errors, addressErrors(address.value))
    return Object.keys(errors).length === 0
  }

  /** Without an answer the key stays, so that a second press cannot redeem twice. */
  function explain(error: unknown): void {
    const isUnsure = error instanceof ApiError && error.isTemporary
    problem.value = isUnsure ? t('redeem.unsure') : errorText(error)
    if (!isUnsure) key = newIdempotencyKey()
  }

  async function submit(): Promise<void> {
    if (redeem.isPending.value || !isComplete()) return
    problem.value = ''
    const order: RedemptionIn = {
      mall_item_id: item().id,
      quantity: quantity.value,
      ...(variant.value ? { variant_id: variant.value.id } : {}),
      ...(isGoods.value ? { delivery: delivery.value } : {}),
      ...(needsAddress.value ? { address: trimmed(address.value) } : {}),
      ...(cents.value > 0 ? { payment: payment.value } : {}),
    }
    try {
      done.value = await redeem.mutateAsync({ order, key })
    } catch (error) {
      explain(error)
    }
  }

  /** The first that can be had, and what the member can pay with. */
  function reset(): void {
    const { variants, delivery: ways } = item()
    variantId.value = (variants.find((one) => !one.is_sold_out) ?? variants[0])?.id ?? ''
    delivery.value = ways === 'pickup' ? 'pickup' : 'ship'
    quantity.value = 1
    payment.value = me().cash_cents >= cents.value ? 'wallet' : 'later'
    problem.value = ''
    done.value = null
    key = newIdempotencyKey()
  }

  return { quantity, variantId, delivery, payment, points, cents, address, errors, problem, done, most, needsAddress, isSending: redeem.isPending, submit, reset }
}
