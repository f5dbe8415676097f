import type { EndpointChange, EndpointIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, type Ref } from 'vue'
import { call } from '../boot.ts'

const KEY = 'webhook-endpoints'
/** When somebody waits for an answer, the log is looked at again after so many milliseconds. */
const LOOKS_MS = [700, 2000, 5000, 12_000]

export function useWebhookTopics() {
  return useQuery({
    queryKey: ['webhook-topics'],
    queryFn: ({ signal }) => call('GET /webhook-topics', { signal }),
    staleTime: Infinity,
  })
}

export function useWebhook(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => [KEY, id.value]),
    queryFn: ({ signal }) => call('GET /webhook-endpoints/{endpoint_id}', { path: { endpoint_id: id.value }, signal }),
  })
}

export function useDelivery(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['webhook-deliveries', id.value]),
    queryFn: ({ signal }) => call('GET /webhook-deliveries/{delivery_id}', { path: { delivery_id: id.value }, signal }),
  })
}

function useEndpointMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => cache.invalidateQueries({ queryKey: [KEY] }) })
}

export const useAddWebhook = () => useEndpointMutation((body: EndpointIn) => call('POST /webhook-endpoints', { body }))

export const useChangeWebhook = () =>
  useEndpointMutation(({ id, body }: { id: string; body: EndpointChange }) =>
    call('PATCH /webhook-endpoints/{endpoint_id}', { path: { endpoint_id: id }, body }),
  )

/** Not read again: the page that is open is about to be left. */
export function useDeleteWebhook() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call('DELETE /webhook-endpoints/{endpoint_id}', { path: { endpoint_id: id } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: [KEY], refetchType: 'none' }),
  })
}

export const useRotateSecret = () =>
  useEndpointMutation((id: string) => call('POST /webhook-endpoints/{endpoint_id}/secret-rotations', { path: { endpoint_id: id }, body: {} }))

export const useTestEvent = () =>
  useEndpointMutation((id: string) => call('POST /webhook-endpoints/{endpoint_id}/test-events', { path: { endpoint_id: id }, body: {} }))

export const useReplaySince = () =>
  useEndpointMutation(({ id, since }: { id: string; since: string }) =>
    call('POST /webhook-endpoints/{endpoint_id}/replays', { path: { endpoint_id: id }, body: { since } }),
  )

export const useReplay = () =>
  useEndpointMutation((id: string) => call('POST /webhook-deliveries/{delivery_id}/replays', { path: { delivery_id: id }, body: {} }))

/** Looks again a few times at what is under way, until the page is left. */
export function useFollowUp(): () => void {
  const cache = useQueryClient()
  const timers: ReturnType<typeof setTimeout>[] = []
  onScopeDispose(() => timers.forEach(clearTimeout))
  const look = () => {
    void cache.invalidateQueries({ queryKey: [KEY] })
    void cache.invalidateQueries({ queryKey: ['webhook-deliveries'] })
  }
  return () => timers.push(...LOOKS_MS.map((ms) => setTimeout(look, ms)))
}
