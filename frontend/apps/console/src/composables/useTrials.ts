import { newIdempotencyKey } from '@jifen/api'
import type { BacktestIn, BacktestOut, SimulationIn } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { useCursorList } from './useCursorList.ts'

/** Back-tests, newest first. */
export const useBacktests = () => useCursorList('GET /backtests')

/** One back-test with what it found; asked for anew when its job is over. */
export function useBacktest(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['backtests', id.value]),
    queryFn: ({ signal }) => call('GET /backtests/{backtest_id}', { path: { backtest_id: id.value }, signal }),
  })
}

export function useAskBacktest() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: BacktestIn) => call('POST /backtests', { body, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: (made: BacktestOut) => {
      cache.setQueryData(['backtests', made.id], made)
      return cache.invalidateQueries({ queryKey: ['backtests'], exact: true })
    },
  })
}

/** Tries one order or event; nothing is written. */
export const useSimulation = () => useMutation({ mutationFn: (body: SimulationIn) => call('POST /simulations', { body }) })
