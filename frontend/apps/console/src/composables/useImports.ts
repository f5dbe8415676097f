import { ApiError, newIdempotencyKey } from '@jifen/api'
import type { ImportOut, RowIn, Totals } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { call } from '../boot.ts'
import { inParts } from '../lib/importColumns.ts'

const KEY = 'imports'
/** Far below what one call takes, so that a slow line shows progress. */
const ROWS_A_CALL = 2000

const TRIES = 4

/** Sends a part until an answer comes; under one key it counts once, however often it arrives. */
async function persist<Answer>(send: (headers: { 'Idempotency-Key': string }) => Promise<Answer>): Promise<Answer> {
  const headers = { 'Idempotency-Key': newIdempotencyKey() }
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(headers)
    } catch (error) {
      if (tries === TRIES || !(error instanceof ApiError && error.isTemporary)) throw error
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries))
    }
  }
}

export function useImport(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => [KEY, id.value]),
    queryFn: ({ signal }) => call('GET /imports/{import_id}', { path: { import_id: id.value }, signal }),
    staleTime: 0,
  })
}

export function useImportProblems(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => [KEY, id.value, 'problems']),
    queryFn: ({ signal }) => call('GET /imports/{import_id}/problems', { path: { import_id: id.value }, query: { limit: 20 }, signal }),
    staleTime: 0,
  })
}

/** Brings the rows of a file to the server, part by part; a part that was lost on the way is sent again under its key. */
export function useUpload() {
  const cache = useQueryClient()
  const sent = ref(0)
  async function upload(name: string, fileName: string, rows: RowIn[]): Promise<ImportOut> {
    sent.value = 0
    let made = await persist((headers) => call('POST /imports', { body: { name, file_name: fileName }, headers }))
    const path = { import_id: made.id }
    for (const part of inParts(rows, ROWS_A_CALL)) {
      made = await persist((headers) => call('POST /imports/{import_id}/rows', { path, body: { rows: part }, headers }))
      sent.value += part.length
    }
    await persist((headers) => call('POST /imports/{import_id}/checks', { path, headers }))
    await cache.invalidateQueries({ queryKey: [KEY] })
    return made
  }
  return { upload, sent }
}

function useStep<Input>(step: (id: string, input: Input) => Promise<unknown>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, input }: { id: string; input: Input }) => step(id, input),
    onSettled: () => cache.invalidateQueries({ queryKey: [KEY] }),
  })
}

export const useCheckImport = () => useStep<null>((id) => call('POST /imports/{import_id}/checks', { path: { import_id: id } }))
export const useDiscardImport = () => useStep<null>((id) => call('POST /imports/{import_id}/cancellation', { path: { import_id: id } }))

/** Signs off the totals that are shown. */
export const useCommitImport = () =>
  useStep<Totals>((id, seen) => {
    const { rows, members_new, members_known, points, growth, cost_cents } = seen
    const totals = { rows, members_new, members_known, points, growth, cost_cents }
    return call('POST /imports/{import_id}/commit', { path: { import_id: id }, body: { totals, skip_refused: seen.refused > 0 } })
  })
