import type { CountedTierOut, ProgramOut, RuleOut } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { backtestBody, changeOf, emptyBacktest, inForce, proposalWords, proposes, withDraft } from './backtest.ts'

const program = { earning: { step_cents: 100, points_per_step: 1 }, tiers: { is_on: true, growth_step_cents: 100, growth_per_step: 1 } } as ProgramOut
const ladder = [{ code: 'gold', threshold: 1000, benefits: { earn_multiplier: '1.5' } }] as CountedTierOut[]
const rule = (code: string, status: RuleOut['status'], trigger: string, hasDraft: boolean) =>
  ({ code, status, document: status === 'draft' ? null : { trigger }, draft: hasDraft ? { trigger } : null }) as RuleOut

describe('what a back-test proposes', () => {
  it('is nothing until something differs from now', () => {
    const form = emptyBacktest()
    expect(backtestBody(form, program, ladder)).toEqual({ days: 90, rules: [] })
    form.pointsPerStep = 1
    form.growthPerStep = 1
    form.tiers['gold'] = { threshold: 1000, multiplier: '1.50' }
    expect(proposes(backtestBody(form, program, ladder))).toBe(false)
  })

  it('names drafts, rules left out, base points, growth and tiers', () => {
    const form = { ...emptyBacktest('double'), stopped: ['gift', 'double'], pointsPerStep: 2, growthPerStep: 3, days: '30' as const }
    form.tiers['gold'] = { threshold: 800, multiplier: '' }
    expect(backtestBody(form, program, ladder)).toEqual({
      days: 30,
      rules: [{ code: 'double', as_drafted: true }, { code: 'gift' }],
      earning: { points_per_step: 2 },
      growth: { step_cents: 100, per_step: 3 },
      tiers: [{ code: 'gold', threshold: 800, earn_multiplier: '1.5' }],
    })
  })

  it('can be made of rules for orders only', () => {
    const rules = [rule('a', 'draft', 'order.paid', true), rule('b', 'live', 'checkin', true), rule('c', 'live', 'order.completed', false)]
    expect(withDraft(rules).map((one) => one.code)).toEqual(['a'])
    expect(inForce(rules).map((one) => one.code)).toEqual(['c'])
  })
})

describe('what was found', () => {
  it('is said as more or less, without a share of nothing', () => {
    expect(changeOf(200, 150)).toEqual({ by: -50, rate: -0.25 })
    expect(changeOf(0, 30)).toEqual({ by: 30, rate: null })
  })

  it('has the proposal for its title', () => {
    const t = (key: string, named: Record<string, string> = {}) => `${key.replace('trials.', '')}(${Object.values(named).join('')})`
    const rules = [{ code: 'x', document: { name: 'Double' } }, { code: 'gift', document: null }]
    expect(proposalWords({ rules, growth: {} }, t)).toBe('said.rule(Double) · said.stop(gift) · said.growth()')
    expect(proposalWords({ rules: [], tiers: [] }, t)).toBe('one()')
  })
})
