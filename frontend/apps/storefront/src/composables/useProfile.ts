import { ApiError } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call, forgetPageData, isSignedIn } from '../boot.ts'

/** The shop's own fields with the member's values. */
export function useProfile() {
  return useQuery({ queryKey: ['profile'], queryFn: () => call('GET /me/profile'), enabled: isSignedIn })
}

/** A copy of everything the shop holds of the member, as a file. */
export function useMyData() {
  return useMutation({
    mutationFn: async () => {
      const found = await call('GET /me/export')
      const url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: 'application/json' }))
      const link = Object.assign(document.createElement('a'), { href: url, download: `my-data-${found.exported_at.slice(0, 10)}.json` })
      link.click()
      URL.revokeObjectURL(url)
    },
  })
}

/** Erases the member; with points left the server refuses until they are given up. */
export function useErasure() {
  const client = useQueryClient()
  const erase = useMutation({
    mutationFn: (forfeit: boolean) => call('POST /me/erasure', { body: { forfeit } }),
    onSuccess: () => {
      isSignedIn.value = false
      forgetPageData()
      client.clear()
    },
  })
  const isRefused = (error: unknown) => error instanceof ApiError && error.code === 'members.erasure_refused'
  return { erase, isRefused }
}
