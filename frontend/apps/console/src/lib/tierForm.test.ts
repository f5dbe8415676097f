import type { CountedTierOut } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { emptyTier, formToTier, isTierCode, tierToForm } from './tierForm.ts'

const GOLD: CountedTierOut = {
  code: 'gold',
  level: 3,
  name: 'Gold',
  name_zh: '金卡会员',
  name_en: 'Gold',
  threshold: 100_000,
  color: '#b7862b',
  members_count: 84,
  benefits: {
    earn_multiplier: '1.25',
    birthday_points: 200,
    checkin_bonus_points: 2,
    member_price_rate: '0.95',
    free_shipping: true,
    monthly_coupon: 'twenty-off',
  },
  monthly_coupon: { code: 'twenty-off', name: 'Twenty off', is_active: true },
  coupons_this_month: null,
}

describe('tier form', () => {
  it('shows money in major units and growth as it is', () => {
    expect(tierToForm(GOLD, 'spend', 'CNY').threshold).toBe(1_000)
    expect(tierToForm(GOLD, 'spend', 'JPY').threshold).toBe(100_000)
    expect(tierToForm(GOLD, 'growth', 'CNY').threshold).toBe(100_000)
  })

  it('comes back as it was', () => {
    const back = formToTier(tierToForm(GOLD, 'spend', 'CNY'), 'spend', 'CNY')
    expect(back.threshold).toBe(100_000)
    expect(back.benefits).toEqual(GOLD.benefits)
    expect(formToTier({ ...emptyTier(), multiplier: 1.05 }, 'growth', 'CNY').benefits?.earn_multiplier).toBe('1.05')
  })

  it('knows a code', () => {
    expect(['gold', 'v1', 'black_card'].every(isTierCode)).toBe(true)
    expect(['', 'Gold', '金', 'a b', '-x'].some(isTierCode)).toBe(false)
  })
})
