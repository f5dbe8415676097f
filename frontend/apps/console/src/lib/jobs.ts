import type { JobOut } from '@jifen/api/console'

/** Whether nothing more will happen to a job. */
export const isOver = (job: JobOut | undefined) => job !== undefined && job.status !== 'queued' && job.status !== 'running'

/** What is going on, as the key of a sentence: the work itself, or why nothing moves. */
export function jobStep(job: JobOut): 'waiting' | 'starting' | 'working' | 'done' | 'failed' | 'cancelled' {
  if (job.status === 'queued') return 'waiting'
  if (job.status === 'running') return job.total > 0 ? 'working' : 'starting'
  return job.status
}
