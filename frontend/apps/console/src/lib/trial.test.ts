import type { RuleDocument } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { emptyTrial, trialBody, typedValue } from './trial.ts'

const cents = (major: number) => Math.round(major * 100)
const saying = (trigger: string) => ({ trigger }) as RuleDocument

describe('what is tried', () => {
  it('is an order that was paid, or completed too', () => {
    const form = { ...emptyTrial(), amount: 159.9, category: 'tea' }
    const body = trialBody(form, 'x', saying('order.paid'), cents)
    expect(body.order).toEqual({ lines: [{ amount_cents: 15_990, quantity: 1, category: 'tea' }], status: 'paid' })
    expect(body.rules).toEqual([{ code: 'x', document: { trigger: 'order.paid' } }])
    expect(trialBody(form, '', saying('order.completed'), cents).order?.status).toBe('completed')
  })

  it('is a check-in by its streak', () => {
    expect(trialBody({ ...emptyTrial(), streak: 7 }, 'x', saying('checkin'), cents).event).toEqual({ type: 'checkin', properties: { streak: 7, total: 7 } })
  })

  it('is an event with a property, of a member', () => {
    const form = { ...emptyTrial(), property: ' stars ', value: '5', who: 'member' as const, number: ' mei ' }
    const body = trialBody(form, 'x', saying('review.posted'), cents)
    expect(body).toMatchObject({ member_external_id: 'mei', event: { type: 'review.posted', properties: { stars: 5 } } })
  })
})

it('reads numbers, yes and no as such', () => {
  expect(['5', 'true', 'five', '', '1e3'].map(typedValue)).toEqual([5, true, 'five', '', 1000])
})
