import { onBeforeUnmount, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { prefersLessMotion } from '../a11y.ts'

const DURATION = 700

/** A number that runs up to its new value; it jumps when less motion is wanted. */
export function useCountUp(target: MaybeRefOrGetter<number>) {
  const shown = shallowRef(toValue(target))
  let frame = 0

  function run(from: number, to: number): void {
    const start = performance.now()
    const step = (now: number) => {
      const share = Math.min(1, (now - start) / DURATION)
      shown.value = Math.round(from + (to - from) * (1 - (1 - share) ** 3))
      if (share < 1) frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
  }

  watch(
    () => toValue(target),
    (to) => {
      cancelAnimationFrame(frame)
      if (prefersLessMotion()) shown.value = to
      else run(shown.value, to)
    },
  )
  onBeforeUnmount(() => cancelAnimationFrame(frame))
  return shown
}
