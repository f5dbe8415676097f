import { ApiError } from '@jifen/api'
import { QueryClient } from '@tanstack/vue-query'

const RETRIES = 2

/** Reads are tried again only when the network or the server failed; a refusal is an answer. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiError && error.isTemporary,
        retryDelay: (attempt) => 400 * 2 ** attempt,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}
