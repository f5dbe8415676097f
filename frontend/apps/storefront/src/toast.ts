import { shallowRef } from 'vue'

const SHOWN_MS = 2600
let timer = 0

/** The short note at the foot of the page; a live region reads it out. */
export const toastText = shallowRef('')

export function toast(text: string): void {
  clearTimeout(timer)
  toastText.value = text
  timer = window.setTimeout(() => {
    toastText.value = ''
  }, SHOWN_MS)
}
