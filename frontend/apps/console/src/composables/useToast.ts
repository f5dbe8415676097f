import { readonly, ref } from 'vue'

export interface Toast {
  id: number
  text: string
  kind: 'done' | 'failed'
  undo?: () => void
}

const SHOWN_MS = 5000
const toasts = ref<Toast[]>([])
let lastId = 0

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

function show(toast: Omit<Toast, 'id'>): void {
  lastId += 1
  const id = lastId
  toasts.value = [...toasts.value.slice(-2), { ...toast, id }]
  setTimeout(() => dismiss(id), SHOWN_MS)
}

/** Short notices at the foot of the page, with a way back where there is one. */
export function useToast() {
  return {
    toasts: readonly(toasts),
    dismiss,
    done: (text: string, undo?: () => void) => show(undo ? { text, undo, kind: 'done' } : { text, kind: 'done' }),
    failed: (text: string) => show({ text, kind: 'failed' }),
  }
}
