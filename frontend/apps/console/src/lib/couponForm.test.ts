import { describe, expect, it } from 'vitest'
import { couponProblems, couponToForm, emptyCoupon, formToCoupon, formToTerms } from './couponForm.ts'

const form = () => ({ ...emptyCoupon(), code: 'twenty', nameEn: 'Twenty off', amount: 20, threshold: 100 })

describe('the coupon form', () => {
  it('sends minor units, and only what the kind has', () => {
    expect(formToTerms(form(), 'CNY')).toMatchObject({ amount_cents: 2000, rate: null, threshold_cents: 10_000 })
    expect(formToTerms(form(), 'JPY').amount_cents).toBe(20)
    const percent = { ...form(), kind: 'percent_off' as const, percent: 12.5, cap: 3 }
    expect(formToTerms(percent, 'CNY')).toMatchObject({ amount_cents: null, rate: '0.125', cap_cents: 300 })
  })

  it('leaves out what is switched off', () => {
    const off = { ...form(), isClaimable: false, tiers: ['gold'], segment: 'vip', categories: ['tea'] }
    expect(formToTerms(off, 'CNY')).toMatchObject({ tiers: [], segment: '', categories: [] })
  })

  it('reads back what it wrote', () => {
    const sent = formToCoupon({ ...form(), kind: 'percent_off', percent: 15, cap: 5, scope: 'skus', skus: ['A'] }, 'CNY')
    const row = { ...sent, name: '', words: {}, figures: {}, created_at: '', changed_at: '' }
    const again = formToCoupon(couponToForm(row as never, 'CNY'), 'CNY')
    expect(again).toEqual(sent)
  })

  it('says what is wrong before anything is sent', () => {
    expect(couponProblems(emptyCoupon())).toEqual({ name_zh: 'coupons.problems.name', code: 'coupons.problems.code' })
    expect(Object.keys(couponProblems({ ...form(), amount: 0, scope: 'categories' }))).toEqual(['amount_cents', 'categories'])
    const at = new Date()
    expect(Object.keys(couponProblems({ ...form(), validFrom: at, validUntil: at }))).toEqual(['valid_until'])
  })
})
