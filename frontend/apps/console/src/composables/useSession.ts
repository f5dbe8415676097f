import { useQueryClient } from '@tanstack/vue-query'
import { boot, call } from '../boot.ts'
import { forgetSession, rememberSession, session } from '../session.ts'

/** Signing in and out. */
export function useSession() {
  const cache = useQueryClient()
  return {
    session,
    hasDemo: boot.features.demo_sign_in,
    async signIn(email: string, password: string): Promise<void> {
      rememberSession(await call('POST /sessions', { body: { email, password } }))
    },
    async signInToDemo(): Promise<void> {
      rememberSession(await call('POST /demo-sessions', { body: {} }))
    },
    async signOut(): Promise<void> {
      await call('DELETE /sessions')
      forgetSession()
      cache.clear()
    },
  }
}
