import type { ApiKey, ApiScope, Brand, NewApiKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call } from '../boot.ts'
import type { Program } from '../lib/program.ts'

export function useApiScopes() {
  return useQuery({
    queryKey: ['api-scopes'],
    queryFn: ({ signal }) => call<{ items: ApiScope[] }>('GET /api-scopes', { signal }),
    staleTime: Infinity,
  })
}

export function useCreateApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; scopes: string[] }) => call<NewApiKey>('POST /api-keys', { body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys'] }),
  })
}

export function useRevokeApiKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<ApiKey>(`POST /api-keys/${id}/revocation`, { body: {} }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['api-keys'] }),
  })
}

export function useProgram() {
  return useQuery({ queryKey: ['program'], queryFn: ({ signal }) => call<Program>('GET /program', { signal }) })
}

export function useSaveProgram() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Partial<Program>) => call<Program>('PATCH /program', { body }),
    onSuccess: (saved) => cache.setQueryData(['program'], saved),
  })
}

export function useBrand() {
  return useQuery({ queryKey: ['brand'], queryFn: ({ signal }) => call<Brand>('GET /brand', { signal }) })
}

export function useSaveBrand() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Partial<Brand>) => call<Brand>('PATCH /brand', { body }),
    onSuccess: (saved) => cache.setQueryData(['brand'], saved),
  })
}
