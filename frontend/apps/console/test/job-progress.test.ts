import './page.ts'
import type { JobOut } from '@jifen/api/console'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import JobProgress from '../src/components/jobs/JobProgress.vue'
import { loadI18n } from '../src/i18n.ts'

const JOB = {
  id: 'j1', kind: 'import.check', subject: '', status: 'running', done: 0, total: 0, progress: 0,
  result: null, error: null, asked_by_name: 'Lin', created_at: '2026-03-01T04:00:00Z', started_at: null, finished_at: null,
} satisfies JobOut

/** The server, answering with the jobs in turn; the last one stays. */
function serve(...jobs: Partial<JobOut>[]) {
  const asked: string[] = []
  vi.stubGlobal(
    'fetch',
    vi.fn<typeof fetch>(async (url, init) => {
      asked.push(`${init?.method} ${String(url)}`)
      const one = init?.method === 'POST' ? { status: 'cancelled' as const } : jobs.length > 1 ? jobs.shift() : jobs[0]
      return new Response(JSON.stringify({ ...JOB, ...one }))
    }),
  )
  return asked
}

async function show() {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' }, mutations: { networkMode: 'always' } } })
  const ElButton = { template: '<button type="button"><slot /></button>' }
  const shown = mount(JobProgress, {
    props: { jobId: 'j1', title: 'Checking 300 rows' },
    global: { plugins: [[VueQueryPlugin, { queryClient }], await loadI18n('en')], components: { ElButton } },
  })
  await flushPromises()
  return shown
}

async function aSecond() {
  await vi.advanceTimersByTimeAsync(1000)
  await flushPromises()
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('watching a job', () => {
  it('asks every second, shows the true percentage, and tells its end once', async () => {
    const asked = serve({ status: 'queued' }, { done: 100, total: 300, progress: 33 }, { status: 'done', done: 300, total: 300, progress: 100, result: { rows: 300 } })
    const shown = await show()
    expect(shown.text()).toContain('Waiting for its turn')
    await aSecond()
    expect(shown.text()).toContain('33%')
    expect(shown.text()).toContain('100 of 300')
    expect(shown.find('[role=progressbar]').attributes('aria-valuenow')).toBe('33')
    expect(shown.emitted('done')).toBeUndefined()
    await aSecond()
    expect(shown.text()).toContain('100%')
    await aSecond()
    await aSecond()
    expect(asked).toHaveLength(3)
    expect(shown.emitted<[JobOut]>('done')?.map(([job]) => job.result)).toEqual([{ rows: 300 }])
    expect(shown.find('button').exists()).toBe(false)
    shown.unmount()
  })

  it('goes on watching after a reload, and tells of a job that ended meanwhile', async () => {
    serve({ status: 'done', progress: 100 })
    const shown = await show()
    expect(shown.emitted('done')).toHaveLength(1)
    shown.unmount()
  })

  it('cancels', async () => {
    const asked = serve({ done: 1, total: 9, progress: 11 })
    const shown = await show()
    await shown.find('button').trigger('click')
    await flushPromises()
    expect(asked.at(-1)).toBe('POST /api/console/v1/jobs/j1/cancellation')
    expect(shown.text()).toContain('Cancelled')
    expect(shown.emitted('cancelled')).toHaveLength(1)
    expect(shown.emitted('done')).toBeUndefined()
    shown.unmount()
  })

  it('says why it failed', async () => {
    serve({ status: 'failed', error: { code: 'jobs.gave_up', detail: 'It broke off 5 times.', facts: {} } })
    const shown = await show()
    expect(shown.find('[role=alert]').text()).toBe('It broke off 5 times.')
    expect(shown.emitted('failed')).toHaveLength(1)
    shown.unmount()
  })
})
