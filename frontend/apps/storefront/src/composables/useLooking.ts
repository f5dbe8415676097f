import { onBeforeUnmount, shallowRef } from 'vue'
import { celebrate } from '../celebrate.ts'
import { LOOK_PAUSES } from '../shop-order.ts'

/** Back from paying: the provider may know before we do, so ask a few times, ever less often. `look` tells how it stands. */
export function useLooking(look: () => Promise<{ status: string }>) {
  const isLooking = shallowRef(false)
  let isHere = true
  onBeforeUnmount(() => (isHere = false))

  async function lookForPayment(): Promise<void> {
    isLooking.value = true
    for (const pause of LOOK_PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (!isHere) return
      const found = await look().catch(() => undefined)
      if (found && found.status !== 'awaiting_payment') {
        if (found.status !== 'cancelled') void celebrate()
        break
      }
    }
    isLooking.value = false
  }

  return { isLooking, lookForPayment }
}
