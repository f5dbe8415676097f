import type { Reward, RuleDocument } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { changedParts, changeTrigger, documentToForm, emptyRule, formToDocument, kindsOf, ruleProblems } from './ruleForm.ts'
import { basePoints, bonusPoints, floorTimes, workedExample } from './ruleWords.ts'

const NONE = { day: null, week: null, month: null, ever: null }
const RULE: RuleDocument = {
  name: 'Friday', trigger: 'order.completed', reward: { kind: 'multiplier', factor: '1.25', lines: null },
  conditions: { '==': [{ var: 'clock.weekday' }, 5] },
  limits: { per_member: { ...NONE, month: 3 }, per_member_points: { ...NONE, day: 500 }, total_points: 100_000 },
  channels: ['pos'], segments: ['regulars'], starts_at: '2026-03-01T00:00:00.000Z', ends_at: null, funding_source: 'brand', priority: 7,
  stacking: 'exclusive', pending: null, pending_days: 14, name_zh: '周五双倍', name_en: 'Double Fridays',
  task: { title_zh: '周五', title_en: 'Friday', hint_zh: '', hint_en: 'Shop on Friday', claim: 'member', link: '/mall' },
}
const back = (document: RuleDocument, currency = 'CNY') => formToDocument(documentToForm('friday', document, currency), currency)

describe('a rule comes back from the editor as it was', () => {
  it.each<[string, Partial<RuleDocument>]>([
    ['with everything', {}],
    ['with the return window', { pending: 'return_window', pending_days: null }],
    ['without conditions, task and times', { conditions: null, task: null, starts_at: null, pending_days: null }],
    ['a custom event', { trigger: 'custom:quiz.done', reward: { kind: 'fixed', points: 30 } }],
    ['for each amount', { reward: { kind: 'amount', points: 3, per_cents: 2_050, lines: null } }],
    ['a share', { reward: { kind: 'rate', rate: '0.0001', lines: null } }],
    ['a share that binary fractions cannot hold', { reward: { kind: 'rate', rate: '0.07', lines: null } }],
    ['a coupon', { reward: { kind: 'coupon', template: 'twenty' }, limits: { per_member: { ...NONE, month: 3 }, per_member_points: NONE, total_points: null }, funding_source: 'merchant', pending_days: null }],
    ['for each piece of some lines', { reward: { kind: 'per_line', points: 5, per: 'piece', lines: { '==': [{ var: 'line.category' }, 'tea'] } } }],
  ])('%s', (_, change) => expect(back({ ...RULE, ...change })).toEqual({ ...RULE, ...change }))

  it('in a currency without decimals', () => {
    const rule: RuleDocument = { ...RULE, reward: { kind: 'amount', points: 1, per_cents: 500, lines: null } }
    expect(documentToForm('x', rule, 'JPY').perAmount).toBe(500)
    expect(back(rule, 'JPY')).toEqual(rule)
  })
})

describe('what is missing', () => {
  it('is named by the field of the API', () => {
    const form = { ...emptyRule(), trigger: 'custom', condition: null, factor: 1, isTask: true, startsAt: new Date(2), endsAt: new Date(1) }
    expect(Object.keys(ruleProblems(form)).toSorted()).toEqual(['code', 'conditions', 'ends_at', 'name', 'reward.factor', 'task', 'trigger'])
    expect(ruleProblems({ ...emptyRule(), name: 'A', code: 'a' })).toEqual({})
    expect(ruleProblems({ ...emptyRule(), name: 'A', code: 'a', kind: 'rate', percent: 101 })).toHaveProperty(['reward.rate'])
    expect(ruleProblems({ ...emptyRule(), name: 'A', code: 'a', kind: 'coupon' })).toHaveProperty(['reward.template'])
    expect(ruleProblems({ ...emptyRule(), name: 'A', code: 'a', kind: 'amount', perAmount: 0 })).toHaveProperty(['reward.per_cents'])
  })
})

describe('another trigger', () => {
  const order = { ...emptyRule(), condition: { '>': [{ var: 'order.amount_cents' }, 1] } }
  it('takes away conditions on what it does not have', () => {
    expect(changeTrigger(order, 'checkin')).toMatchObject({ trigger: 'checkin', condition: true, kind: 'fixed' })
    expect(changeTrigger(order, 'order.paid')).toMatchObject({ condition: order.condition, kind: 'multiplier' })
    expect(changeTrigger({ ...order, condition: { '>': [{ var: 'member.orders_count' }, 1] } }, 'checkin').condition).not.toBe(true)
  })
  it('offers only rewards it can have', () => {
    expect(kindsOf('order.paid', 'fixed')).toHaveLength(6)
    expect(kindsOf('checkin', 'fixed')).toEqual(['fixed', 'coupon'])
  })
})

it('versions say which parts differ', () => {
  expect(changedParts(RULE, { ...RULE, name: 'X', priority: 1 })).toEqual(['name', 'priority'])
  expect(changedParts(null, RULE)).toEqual([])
})

describe('the worked example counts as the server does (docs/algorithms/rules.md)', () => {
  it.each<[Reward, number]>([
    [{ kind: 'fixed', points: 30 }, 30],
    [{ kind: 'amount', points: 3, per_cents: 2_000 }, 15],
    [{ kind: 'rate', rate: '0.05' }, 550],
    [{ kind: 'rate', rate: '0.0001' }, 1],
    [{ kind: 'multiplier', factor: '2' }, 110],
    [{ kind: 'multiplier', factor: '1.25' }, 27],
    [{ kind: 'per_line', points: 5, per: 'piece' }, 10],
    [{ kind: 'coupon', template: 'twenty' }, 0],
  ])('%j gives %i', (reward, points) => expect(bonusPoints(reward, 11_000, 110, 100, 'CNY')).toBe(points))

  it('starts from the base of the programme', () => {
    const steps = { step_cents: 300, points_per_step: 2 }
    expect([basePoints(1_000, { ...steps, rounding: 'floor' }), basePoints(1_000, { ...steps, rounding: 'ceil' }), basePoints(1_050, { ...steps, rounding: 'half_up' })]).toEqual([6, 8, 8])
    const program = { earning: { step_cents: 100, points_per_step: 1, rounding: 'floor' as const }, face_value_points_per_unit: 100 }
    expect(workedExample(RULE, program, 'CNY')).toEqual({ cents: 11_000, base: 110, bonus: 27 })
    expect(workedExample({ ...RULE, trigger: 'checkin' }, program, 'CNY')).toBeNull()
  })

  it.each<[unknown, number]>([
    [{ '>=': [{ var: 'order.amount_cents' }, 20_000] }, 20_000],
    [{ '<': [20_000, { var: 'order.goods_cents' }] }, 20_001],
    [{ and: [{ '==': [{ var: 'clock.weekday' }, 5] }, { '>': [{ var: 'order.amount_cents' }, 15_000] }] }, 15_001],
    [{ or: [{ '>=': [{ var: 'order.amount_cents' }, 20_000] }, { '==': [{ var: 'clock.weekday' }, 5] }] }, 11_000],
    [{ '<=': [{ var: 'order.amount_cents' }, 20_000] }, 11_000],
    [{ '>=': [{ var: 'order.pieces' }, 50_000] }, 11_000],
  ])('shows an order that is large enough for the conditions: %j', (conditions, cents) => {
    const program = { earning: { step_cents: 100, points_per_step: 1, rounding: 'floor' as const }, face_value_points_per_unit: 100 }
    expect(workedExample({ ...RULE, conditions: conditions as RuleDocument['conditions'] }, program, 'CNY')?.cents).toBe(cents)
  })

  it('multiplies decimals exactly', () => {
    expect([floorTimes(100, '1.1'), floorTimes(3, '0.333333'), floorTimes(1_000_000_000, '1.000000001')]).toEqual([110, 0, 1_000_000_001])
  })
})
