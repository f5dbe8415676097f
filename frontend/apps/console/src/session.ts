import type { SessionOut } from '@jifen/api/console'
import { readonly, ref } from 'vue'

const current = ref<SessionOut | null>(null)

/** Who is signed in; null on the sign-in page. */
export const session = readonly(current)

export function rememberSession(value: SessionOut | null): void {
  current.value = value
}

export function forgetSession(): void {
  current.value = null
}

/** Whether permissions grant what is asked; who may write may read. */
export function grants(permissions: readonly string[], wanted: string): boolean {
  if (permissions.includes('*') || permissions.includes(wanted)) return true
  const [area, act] = wanted.split(':')
  return act === 'read' && permissions.includes(`${area}:write`)
}

/** Whether the person signed in may do at least one of these; nothing asked means everybody. */
export function can(...wanted: string[]): boolean {
  const held = current.value?.permissions ?? []
  return wanted.length === 0 || wanted.some((permission) => grants(held, permission))
}
