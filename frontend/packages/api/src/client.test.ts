import { describe, expect, it, vi } from 'vitest'
import { createClient, csrfFromCookie, newIdempotencyKey } from './client.ts'
import type { Operations as Console } from './console.gen.ts'
import { ApiError, fieldMessages } from './problem.ts'
import type { Operations } from './storefront.gen.ts'

const PROBLEM = {
  type: 'about:blank',
  title: 'Conflict',
  status: 409,
  code: 'ledger.insufficient_points',
  detail: '积分不足',
  facts: { available: 10, needed: 80 },
  request_id: 'r-1',
  errors: [{ field: 'quantity', code: 'too_many', detail: '太多了' }],
}

function answering(status: number, body?: unknown) {
  const asked = vi.fn<typeof fetch>(async () => new Response(body === undefined ? null : JSON.stringify(body), { status }))
  const onSignedOut = vi.fn<(error: ApiError) => void>()
  const call = createClient<Operations>({ base: '/api/x/v1', locale: () => 'zh-hans', csrfToken: () => 'from-page', onSignedOut, fetch: asked })
  const sent = () => {
    const [url, init] = asked.mock.calls[0]!
    return { url, init: init!, headers: new Headers(init!.headers) }
  }
  return { call, sent, onSignedOut }
}

describe('call', () => {
  it('asks in the page language and leaves out empty query values', async () => {
    const { call, sent } = answering(200, { items: [] })
    await call('GET /mall-items', { query: { cursor: null, limit: 20, affordable: true } })
    expect(sent().url).toBe('/api/x/v1/mall-items?limit=20&affordable=true')
    expect(sent().headers.get('Accept-Language')).toBe('zh-hans')
    expect(sent().headers.has('X-CSRFToken')).toBe(false)
  })

  it('puts values into the path', async () => {
    const { call, sent } = answering(200, {})
    await call('GET /mall-items/{item_id}', { path: { item_id: 'a/b?c' } })
    expect(sent().url).toBe('/api/x/v1/mall-items/a%2Fb%3Fc')
  })

  it('carries the anti-forgery token, the key of the press and the body', async () => {
    const { call, sent } = answering(201, { id: '1' })
    const input = { body: { mall_item_id: '1', quantity: 1 }, headers: { 'Idempotency-Key': 'k' } }
    await expect(call('POST /redemptions', input)).resolves.toEqual({ id: '1' })
    expect(sent().headers.get('X-CSRFToken')).toBe('from-page')
    expect(sent().headers.get('Idempotency-Key')).toBe('k')
    expect(sent().init.body).toBe('{"mall_item_id":"1","quantity":1}')
  })

  it('answers nothing for 204', async () => {
    await expect(answering(204).call('DELETE /sessions')).resolves.toBeUndefined()
  })

  it('turns a problem into an error with its facts and fields', async () => {
    const error = await answering(409, PROBLEM).call('GET /me').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 409, code: 'ledger.insufficient_points', detail: '积分不足', isTemporary: false })
    expect((error as ApiError).fact('needed')).toBe(80)
    expect(fieldMessages(error)).toEqual({ quantity: '太多了' })
  })

  it('makes an error of an answer that is no problem document', async () => {
    const call = createClient<Operations>({ base: '', locale: () => 'en', fetch: async () => new Response('<h1>502</h1>', { status: 502 }) })
    await expect(call('GET /me')).rejects.toMatchObject({ status: 502, code: 'http.502', isTemporary: true })
  })

  it('tells when the session is gone', async () => {
    const { call, onSignedOut } = answering(401, { ...PROBLEM, status: 401, code: 'api.not_signed_in' })
    await expect(call('GET /me')).rejects.toBeInstanceOf(ApiError)
    expect(onSignedOut).toHaveBeenCalledOnce()
  })

  it('says offline when no answer comes', async () => {
    const call = createClient<Operations>({ base: '', locale: () => 'en', fetch: () => Promise.reject(new TypeError('failed')) })
    await expect(call('GET /me')).rejects.toMatchObject({ status: 0, code: 'client.offline', isTemporary: true })
  })
})

describe('the types', () => {
  it('know what each operation takes', () => {
    const call = createClient<Console>({ base: '', locale: () => 'en', fetch: async () => new Response('{}') })
    const wrong = [
      // @ts-expect-error: there is no such operation
      () => call('GET /nothing'),
      // @ts-expect-error: the path's value is missing
      () => call('GET /orders/{order_id}'),
      // @ts-expect-error: no such status
      () => call('GET /orders', { query: { status: 'lost' } }),
      // @ts-expect-error: the key of the press is missing
      () => call('POST /members/{member_id}/adjustments', { path: { member_id: '1' }, body: { points: 1, reason: 'x' } }),
      // @ts-expect-error: points are a number
      () => call('POST /members/{member_id}/adjustments', { path: { member_id: '1' }, body: { points: '1', reason: 'x' }, headers: { 'Idempotency-Key': 'k' } }),
      // @ts-expect-error: the answer has no such field
      async () => (await call('GET /brand')).colour,
    ]
    expect(wrong).toHaveLength(6)
  })
})

describe('helpers', () => {
  it('read the anti-forgery cookie under both names', () => {
    expect(csrfFromCookie('a=1; jf_csrf=abc; b=2')).toBe('abc')
    expect(csrfFromCookie('__Host-jf_csrf=xyz')).toBe('xyz')
    expect(csrfFromCookie('not_jf_csrf=abc')).toBe('')
  })

  it('make keys that do not repeat', () => {
    const keys = new Set(Array.from({ length: 50 }, newIdempotencyKey))
    expect(keys.size).toBe(50)
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/)
  })
})
