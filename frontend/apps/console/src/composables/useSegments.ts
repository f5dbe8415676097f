import type { SegmentChange, SegmentIn } from '@jifen/api/console'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { useDebounced } from './useDebounced.ts'

const MINUTE = 60_000
const PREVIEW_DELAY = 350

/** One segment; none while the page makes a new one. */
export function useSegment(code: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['segments', code.value]),
    queryFn: ({ signal }) => call('GET /segments/{segment_code}', { path: { segment_code: code.value }, signal }),
    enabled: computed(() => code.value !== ''),
  })
}

/** The names of the segments, for choosing one of them. */
export function useSegmentChoices() {
  return useQuery({
    queryKey: ['segments', 'choices'],
    queryFn: ({ signal }) => call('GET /segments', { query: { limit: 100 }, signal }),
    staleTime: MINUTE,
  })
}

/** The fields a condition over members may use. */
export function useSegmentFields() {
  return useQuery({ queryKey: ['segment-fields'], queryFn: ({ signal }) => call('GET /segment-fields', { signal }), staleTime: 10 * MINUTE })
}

/** The tags in use. */
export function useMemberTags() {
  return useQuery({ queryKey: ['member-tags'], queryFn: ({ signal }) => call('GET /member-tags', { signal }), staleTime: MINUTE })
}

/** Whom a condition holds for, asked once it has been still for a moment; nothing while it is null. */
export function useSegmentPreview(tree: Readonly<Ref<unknown>>) {
  const text = useDebounced(
    computed(() => JSON.stringify(tree.value)),
    PREVIEW_DELAY,
  )
  return useQuery({
    queryKey: computed(() => ['segment-previews', text.value]),
    queryFn: ({ signal }) => call('POST /segment-previews', { body: { condition: JSON.parse(text.value) as unknown }, signal }),
    enabled: computed(() => text.value !== 'null'),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export type SegmentSave = { code: string; body: SegmentChange } | { code: ''; body: SegmentIn }

const isNew = (save: SegmentSave): save is Extract<SegmentSave, { code: '' }> => save.code === ''

export function useSaveSegment() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (save: SegmentSave) =>
      isNew(save) ? call('POST /segments', { body: save.body }) : call('PATCH /segments/{segment_code}', { path: { segment_code: save.code }, body: save.body }),
    onSuccess: (segment) => {
      cache.setQueryData(['segments', segment.code], segment)
      return Promise.all([cache.invalidateQueries({ queryKey: ['segments'] }), cache.invalidateQueries({ queryKey: ['members'] })])
    },
  })
}

export function useDeleteSegment() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (code: string) => call('DELETE /segments/{segment_code}', { path: { segment_code: code } }),
    onSuccess: (_, code) => {
      cache.removeQueries({ queryKey: ['segments', code] })
      return cache.invalidateQueries({ queryKey: ['segments'] })
    },
  })
}
