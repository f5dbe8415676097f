import type { MeOut } from '@jifen/api/storefront'
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { call, forgetPageData, isSignedIn } from '../boot.ts'
import { forgetCode, keptCode } from '../referral.ts'

function forget(client: QueryClient): void {
  forgetPageData()
  client.clear()
}

function adopt(client: QueryClient, me: MeOut): void {
  forget(client)
  client.setQueryData(['me'], me)
  isSignedIn.value = true
}

/** Asks for a one-time code by phone or e-mail. */
export function useRequestCode() {
  return useMutation({ mutationFn: (address: string) => call('POST /sign-in-codes', { body: { address } }) })
}

/** Signs in with the code. */
export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { address: string; code: string }) => call('POST /sessions', { body: { ...body, referral_code: keptCode() } }),
    onSuccess: (me) => {
      forgetCode()
      adopt(client, me)
    },
  })
}

/** Signs in as the demo member, where the shop offers one. */
export function useDemoSignIn() {
  const client = useQueryClient()
  return useMutation({ mutationFn: () => call('POST /demo-sessions', { body: {} }), onSuccess: (me) => adopt(client, me) })
}

/** Ends the session. */
export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call('DELETE /sessions'),
    onSuccess: () => {
      isSignedIn.value = false
      forget(client)
    },
  })
}
