import { onBeforeUnmount, shallowRef } from 'vue'

/** Seconds that run down to zero by the clock, so that a sleeping phone does not stretch them. */
export function useCountdown() {
  const seconds = shallowRef(0)
  let timer = 0

  function start(total: number): void {
    const end = Date.now() + total * 1000
    const tick = () => {
      seconds.value = Math.max(0, Math.ceil((end - Date.now()) / 1000))
      if (seconds.value === 0) clearInterval(timer)
    }
    clearInterval(timer)
    timer = window.setInterval(tick, 500)
    tick()
  }

  onBeforeUnmount(() => clearInterval(timer))
  return { seconds, start }
}
