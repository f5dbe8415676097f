import type { ExtensionOfMemberIn, ExtensionOfMemberTerms } from '@jifen/api/console'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'

/** What letting points live longer would move; asked anew whenever the terms change. */
export function useExtensionPreview(terms: Readonly<Ref<ExtensionOfMemberTerms | null>>) {
  return useQuery({
    queryKey: computed(() => ['extension-preview', terms.value]),
    queryFn: ({ signal }) => call('POST /expiry-extension-previews', { body: terms.value!, signal }),
    enabled: computed(() => terms.value !== null),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function useExtend() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: ExtensionOfMemberIn) => call('POST /expiry-extensions', { body }),
    onSuccess: () => cache.invalidateQueries(),
  })
}
