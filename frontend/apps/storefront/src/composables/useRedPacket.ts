import { newIdempotencyKey } from '@jifen/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { call, isSignedIn } from '../boot.ts'
import { usePages } from './usePages.ts'

/** One red packet, with the member's own share. */
export function useRedPacket(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['red-packet', toValue(id)]),
    queryFn: () => call('GET /red-packets/{packet_id}', { path: { packet_id: toValue(id) } }),
    enabled: isSignedIn,
  })
}

/** Who took what, newest first; names are masked. */
export function useTakers(id: MaybeRefOrGetter<string>) {
  return usePages('GET /red-packets/{packet_id}/shares', {
    key: () => ['red-packet-takers', toValue(id)],
    path: () => ({ packet_id: toValue(id) }),
    enabled: isSignedIn,
  })
}

/** Opens it: the member's share, once. */
export function useOpenRedPacket(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () =>
      call('POST /red-packets/{packet_id}/shares', {
        path: { packet_id: toValue(id) },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSettled: () =>
      Promise.all(
        ['red-packet', 'red-packet-takers', 'red-packets', 'cash', 'cash-transactions', 'me'].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  })
}
