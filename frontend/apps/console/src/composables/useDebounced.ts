import { onScopeDispose, readonly, ref, type Ref, watch } from 'vue'

/** A value that follows another once it has been still for a while. */
export function useDebounced<Value extends string>(source: Readonly<Ref<Value>>, delay: number): Readonly<Ref<Value>> {
  const settled = ref(source.value) as Ref<Value>
  let timer = 0
  watch(source, (value) => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (settled.value = value), delay)
  })
  onScopeDispose(() => window.clearTimeout(timer))
  return readonly(settled) as Readonly<Ref<Value>>
}
