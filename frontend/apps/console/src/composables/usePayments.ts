import type { OfflineChange, PaymentMethodsOut } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { call } from '../boot.ts'

const KEY = ['payment-methods']

export function usePaymentMethods() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => call('GET /payment-methods', { signal }) })
}

/** Every change answers with all ways to pay as they are then. */
function useChange<T>(mutationFn: (asked: T) => Promise<PaymentMethodsOut>) {
  const cache = useQueryClient()
  return useMutation({ mutationFn, onSuccess: (now) => cache.setQueryData(KEY, now) })
}

export const useChangeOffline = () => useChange((body: OfflineChange) => call('PATCH /payment-methods/offline', { body }))
export const useTurnStripe = () => useChange((isOn: boolean) => call('PATCH /payment-methods/stripe', { body: { is_on: isOn } }))
export const useRefreshStripe = () => useChange<void>(() => call('POST /payment-methods/stripe/refresh', { body: {} }))
export const useDisconnectStripe = () => useChange<void>(() => call('DELETE /payment-methods/stripe/connection', {}))

/** The address of Stripe's own form. */
export function useConnectStripe() {
  return useMutation({ mutationFn: () => call('POST /payment-methods/stripe/connection', { body: {} }) })
}
