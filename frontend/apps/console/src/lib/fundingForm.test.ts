import type { FundingSourceOut } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { emptyFunding, formToFunding, fundingProblems, fundingToForm } from './fundingForm.ts'

const BRAND: FundingSourceOut = {
  code: 'brand', name: 'Brand', unit_cost_cents_per_1000_points: 850,
  budget: { budget_points: 1_000, budget_rate: null, period: 'month', on_limit: 'stop', alert_rate: '0.800', measure: 'points', limit: 1_000, used: 30, left: 970 },
}

describe('a funding source in the dialog', () => {
  it('comes back as it was', () => {
    const form = fundingToForm(BRAND, 'CNY')
    expect(form).toMatchObject({ price: 8.5, kind: 'points', points: 1_000, alertPercent: 80 })
    expect(formToFunding(form, 'CNY')).toEqual({
      code: 'brand', name: 'Brand', unit_cost_cents_per_1000_points: 850, budget_points: 1_000, period: 'month', on_limit: 'stop', alert_rate: '0.8',
    })
  })

  it('keeps a share of the revenue exact', () => {
    const form = fundingToForm({ ...BRAND, budget: { ...BRAND.budget!, budget_points: null, budget_rate: '0.0125' } }, 'JPY')
    expect(form).toMatchObject({ price: 850, kind: 'rate', percent: 1.25 })
    expect(formToFunding(form, 'JPY')).toMatchObject({ budget_rate: '0.0125', unit_cost_cents_per_1000_points: 850 })
  })

  it('loses its budget when none is chosen', () => {
    expect(formToFunding({ ...fundingToForm(BRAND, 'CNY'), kind: 'none' }, 'CNY')).toEqual({ code: 'brand', name: 'Brand', unit_cost_cents_per_1000_points: 850 })
  })

  it('says what is missing', () => {
    expect(Object.keys(fundingProblems({ ...emptyFunding(), kind: 'points' })).toSorted()).toEqual(['budget_points', 'code', 'name'])
    expect(fundingProblems({ ...emptyFunding(), name: 'A', code: 'a', kind: 'rate', percent: 0 })).toEqual({})
  })
})
