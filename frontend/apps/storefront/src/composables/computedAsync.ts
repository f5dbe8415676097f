import { shallowRef, watchEffect } from 'vue'

/** A value that is computed with a promise; an answer that comes after a newer question is dropped. */
export function computedAsync<Value>(compute: () => Promise<Value>, initial: Value) {
  const value = shallowRef(initial)
  watchEffect(async (onCleanup) => {
    let isCurrent = true
    onCleanup(() => {
      isCurrent = false
    })
    const result = await compute()
    if (isCurrent) value.value = result
  })
  return value
}
