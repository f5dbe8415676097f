import './page.ts'
import type { MallItemOut, MeOut } from '@jifen/api/storefront'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { useRedeemForm } from '../src/composables/useRedeemForm.ts'

const item = { id: 'i', kind: 'coupon', price_points: 100, stock_left: null, per_member_limit: null, redeemed_by_me: 0, price_cents: 0, delivery: 'ship', variants: [] } as unknown as MallItemOut
const me = { points: { available: 500 }, cash_cents: 0 } as unknown as MeOut

function openForm() {
  let form: ReturnType<typeof useRedeemForm> | undefined
  const Host = defineComponent(() => {
    form = useRedeemForm(
      () => item,
      () => me,
    )
    return () => null
  })
  mount(Host, { global: { plugins: [[VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { mutations: { networkMode: 'always' } } }) }]] } })
  return form!
}

function answer(...answers: (() => Promise<Response>)[]) {
  const asked = vi.fn<typeof fetch>(() => answers.shift()!())
  vi.stubGlobal('fetch', asked)
  return () => asked.mock.calls.map(([, init]) => new Headers(init!.headers).get('Idempotency-Key'))
}

const refused = async () => new Response(JSON.stringify({ status: 409, code: 'redemption.out_of_stock', detail: '已兑完' }), { status: 409 })
const done = async () => new Response(JSON.stringify({ id: 'r', mall_item: { kind: 'coupon' } }), { status: 201 })
const lost = () => Promise.reject(new TypeError('network'))

afterEach(() => vi.unstubAllGlobals())

describe('a press of the redeem button', () => {
  it('keeps its key while no answer came, so that it counts once', async () => {
    const form = openForm()
    const keys = answer(lost, done)
    await form.submit()
    expect(form.problem.value).toContain('不会重复')
    await form.submit()
    const [first, second] = keys()
    expect(second).toBe(first)
    expect(form.done.value?.id).toBe('r')
  })

  it('is a new press after a refusal', async () => {
    const form = openForm()
    const keys = answer(refused, done)
    await form.submit()
    expect(form.problem.value).toBe('已兑完')
    await form.submit()
    const [first, second] = keys()
    expect(second).not.toBe(first)
  })
})
