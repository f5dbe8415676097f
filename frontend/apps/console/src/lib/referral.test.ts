import type { FunnelOut } from '@jifen/api/console'
import { expect, test } from 'vitest'
import { costOfReward, formToSettings, funnelSteps, settingsToForm } from './referral.ts'

const SETTINGS = {
  referral: { is_on: true, inviter_points: 100, invitee_points: 50, min_order_cents: 5_000, order_within_days: 90, claim_within_days: 7, inviter_monthly_rewards: 20, funding_source: 'merchant' },
  distribution: {
    is_on: true, level1_rate: '0.05', level2_rate: '0.025', takes_applications: true, funding_source: 'merchant',
    category_rates: [{ category: 'tea', level1_rate: '0.08', level2_rate: '0' }],
  },
}

test('settings come back as they went in', () => {
  const form = settingsToForm(SETTINGS, 'CNY')
  expect([form.minOrder, form.level1, form.level2]).toEqual([50, 5, 2.5])
  expect(formToSettings(form, 'CNY')).toEqual(SETTINGS)
})

test('150 points at 100 a yuan cost 1.50', () => {
  expect(costOfReward(settingsToForm(SETTINGS, 'CNY'), 100, 'CNY')).toBe(150)
})

test('the funnel counts refused codes at its mouth only', () => {
  const found: FunnelOut = { first: '2026-01-01', last: '2026-03-31', refused: 2, joined: 8, ordered: 4, rewarded: 1, points: 150, points_cents: 150 }
  expect(funnelSteps(found).map((step) => [step.count, step.share])).toEqual([[10, 1], [8, 0.8], [4, 0.4], [1, 0.1]])
  expect(funnelSteps({ ...found, refused: 0, joined: 0 })[0]?.share).toBe(0)
})
