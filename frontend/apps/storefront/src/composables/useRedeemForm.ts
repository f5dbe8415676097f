import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { AddressIn, MallItemOut, MeOut, RedemptionOut } from '@jifen/api/storefront'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { addressErrors, emptyAddress, trimmed, type AddressErrors } from '../address.ts'
import { t } from '../i18n.ts'
import { mostOf } from '../redeem.ts'
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
  const most = computed(() => mostOf(item(), me().points.available))
  const needsAddress = computed(() => item().kind === 'goods')
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
    [quantity, address],
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
    const order = { mall_item_id: item().id, quantity: quantity.value, ...(needsAddress.value ? { address: trimmed(address.value) } : {}) }
    try {
      done.value = await redeem.mutateAsync({ order, key })
    } catch (error) {
      explain(error)
    }
  }

  function reset(): void {
    quantity.value = 1
    problem.value = ''
    done.value = null
    key = newIdempotencyKey()
  }

  return { quantity, address, errors, problem, done, most, needsAddress, isSending: redeem.isPending, submit, reset }
}
