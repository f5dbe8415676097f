import type { AddressIn } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call, isSignedIn } from '../boot.ts'

/** The member's addresses, the default first, and what can be done with them. */
export function useAddresses() {
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: ['addresses'] })
  const addresses = useQuery({ queryKey: ['addresses'], queryFn: () => call('GET /addresses'), enabled: isSignedIn })
  const save = useMutation({
    mutationFn: ({ id, body, is_default }: { id: string | null; body: AddressIn; is_default: boolean }) =>
      id
        ? call('PATCH /addresses/{address_id}', { path: { address_id: id }, body: { ...body, ...(is_default ? { is_default: true as const } : {}) } })
        : call('POST /addresses', { body: { ...body, is_default } }),
    onSuccess: again,
  })
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /addresses/{address_id}', { path: { address_id: id } }),
    onSuccess: again,
  })
  return { addresses, save, remove }
}
