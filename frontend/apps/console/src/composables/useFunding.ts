import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import type { FundingSourceIn } from '@jifen/api/console'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** Who pays, with how much of each budget is used. */
export function useFunding() {
  return useQuery({ queryKey: ['funding'], queryFn: ({ signal }) => call('GET /funding-sources', { signal }) })
}

/** Adds a source, or changes the one with this code. */
export function useSaveFunding() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ body: { code, ...body }, isNew }: { body: FundingSourceIn; isNew: boolean }) =>
      isNew ? call('POST /funding-sources', { body: { ...body, code } }) : call('PATCH /funding-sources/{source_code}', { path: { source_code: code }, body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['funding'] }),
  })
}

/** The statement of a month, the one under way when none is named. */
export function useSettlement(month: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['settlement', month.value]),
    queryFn: ({ signal }) => call('GET /settlement', { query: month.value ? { month: month.value } : {}, signal }),
  })
}
