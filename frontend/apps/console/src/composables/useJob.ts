import type { JobOut } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { call } from '../boot.ts'
import { isOver } from '../lib/jobs.ts'

const LOOK_EVERY_MS = 1000

/** A job, looked at every second until it is over; also while the page lies in another tab. */
export function useJob(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['jobs', id.value]),
    queryFn: ({ signal }) => call('GET /jobs/{job_id}', { path: { job_id: id.value }, signal }),
    refetchInterval: ({ state }) => (isOver(state.data) ? false : LOOK_EVERY_MS),
    refetchIntervalInBackground: true,
    staleTime: 0,
  })
}

export function useCancelJob() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call('POST /jobs/{job_id}/cancellation', { path: { job_id: id }, body: undefined }),
    onSuccess: (job: JobOut) => cache.setQueryData(['jobs', job.id], job),
  })
}
