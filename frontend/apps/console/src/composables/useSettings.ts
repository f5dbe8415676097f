import type { ApiKeyIn, BrandChange, ProgramChange } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call } from '../boot.ts'

export function useApiScopes() {
  return useQuery({
    queryKey: ['api-scopes'],
    queryFn: ({ signal }) => call('GET /api-scopes', { signal }),
    staleTime: Infinity,
  })
}

export function useCreateApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ApiKeyIn) => call('POST /api-keys', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys'] }),
  })
}

export function useRevokeApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call('POST /api-keys/{key_id}/revocation', { path: { key_id: id }, body: {} }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys'] }),
  })
}

export function useProgram() {
  return useQuery({ queryKey: ['program'], queryFn: ({ signal }) => call('GET /program', { signal }) })
}

export function useSaveProgram() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ProgramChange) => call('PATCH /program', { body }),
    onSuccess: (saved) => cache.setQueryData(['program'], saved),
  })
}

export function useBrand() {
  return useQuery({ queryKey: ['brand'], queryFn: ({ signal }) => call('GET /brand', { signal }) })
}

export function useSaveBrand() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: BrandChange) => call('PATCH /brand', { body }),
    onSuccess: (saved) => cache.setQueryData(['brand'], saved),
  })
}
