import type { AddressIn, SavedAddressOut } from '@jifen/api/storefront'
import { computed, reactive, ref, shallowRef } from 'vue'
import { addressErrors, emptyAddress, trimmed, type AddressErrors } from '../address.ts'
import { useAddresses } from './useAddresses.ts'

/** Where an order goes: one of the saved addresses, the default to begin with; a form while there are none. */
export function useDelivery() {
  const { addresses, save } = useAddresses()
  const saved = computed<SavedAddressOut[]>(() => addresses.data.value?.items ?? [])
  const picked = shallowRef('')
  const form = ref<AddressIn>(emptyAddress())
  const errors = reactive<AddressErrors>({})
  const current = computed(() => saved.value.find((one) => one.id === picked.value) ?? saved.value[0] ?? null)
  const chosen = computed<AddressIn>(() => trimmed(current.value ?? form.value))

  function isComplete(): boolean {
    for (const field of Object.keys(errors) as (keyof AddressIn)[]) delete errors[field]
    Object.assign(errors, addressErrors(chosen.value))
    return Object.keys(errors).length === 0
  }

  /** The first address of a buyer is kept for the next time; the order does not wait for it. */
  async function keep(): Promise<void> {
    if (current.value || addresses.isError.value) return
    await save.mutateAsync({ id: null, body: chosen.value, is_default: true }).catch(() => undefined)
  }

  return { addresses, saved, picked, current, form, errors, chosen, isComplete, keep }
}

export type Delivery = ReturnType<typeof useDelivery>
