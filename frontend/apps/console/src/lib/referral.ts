import type { CommissionRow, Distribution, DistributorRow, FunnelOut, ReferralRow, ReferralRule } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'
import type { Tone } from './tones.ts'

export const REFERRAL_STATUSES = ['all', 'joined', 'ordered', 'rewarded', 'ended', 'refused'] as const
export const DISTRIBUTOR_STATUSES = ['applied', 'active', 'rejected', 'ended', 'all'] as const
export const COMMISSION_STATUSES = ['all', 'pending', 'settled', 'void'] as const

export const REFERRAL_TONES: Record<ReferralRow['status'], Tone> = { joined: 'amber', ordered: 'amber', rewarded: 'green', ended: 'grey', refused: 'red', merged: 'grey' }
export const DISTRIBUTOR_TONES: Record<DistributorRow['status'], Tone> = { applied: 'amber', active: 'green', rejected: 'red', ended: 'grey' }
export const COMMISSION_TONES: Record<CommissionRow['status'], Tone> = { pending: 'amber', settled: 'green', void: 'grey' }

export interface FunnelStep {
  name: 'entered' | 'joined' | 'ordered' | 'rewarded'
  count: number
  /** Of the first step, 0 to 1. */
  share: number
}

/** From a code that was entered to a reward. */
export function funnelSteps(found: FunnelOut): FunnelStep[] {
  const entered = found.joined + found.refused
  const share = (count: number) => (entered > 0 ? count / entered : 0)
  return [
    { name: 'entered', count: entered, share: share(entered) },
    { name: 'joined', count: found.joined, share: share(found.joined) },
    { name: 'ordered', count: found.ordered, share: share(found.ordered) },
    { name: 'rewarded', count: found.rewarded, share: share(found.rewarded) },
  ]
}

/** What the settings page edits: money in major units, rates in per cent. */
export interface ReferralForm {
  isOn: boolean
  inviterPoints: number
  inviteePoints: number
  minOrder: number
  orderDays: number
  claimDays: number
  monthlyRewards: number | null
  payer: string
  paysCommission: boolean
  level1: number
  level2: number
  takesApplications: boolean
  commissionPayer: string
  categories: { category: string; level1: number; level2: number }[]
}

interface Settings {
  referral: ReferralRule
  distribution: Distribution
}

const percent = (rate: string) => Math.round(Number(rate) * 10_000) / 100
const rate = (value: number) => String(Math.round(value * 100) / 10_000)

export function settingsToForm({ referral, distribution }: Settings, currency: string): ReferralForm {
  return {
    isOn: referral.is_on,
    inviterPoints: referral.inviter_points,
    inviteePoints: referral.invitee_points,
    minOrder: referral.min_order_cents / 10 ** currencyDigits(currency),
    orderDays: referral.order_within_days,
    claimDays: referral.claim_within_days,
    monthlyRewards: referral.inviter_monthly_rewards,
    payer: referral.funding_source,
    paysCommission: distribution.is_on,
    level1: percent(distribution.level1_rate),
    level2: percent(distribution.level2_rate),
    takesApplications: distribution.takes_applications,
    commissionPayer: distribution.funding_source,
    categories: distribution.category_rates.map((one) => ({ category: one.category, level1: percent(one.level1_rate), level2: percent(one.level2_rate) })),
  }
}

export function formToSettings(form: ReferralForm, currency: string): Settings {
  return {
    referral: {
      is_on: form.isOn,
      inviter_points: form.inviterPoints,
      invitee_points: form.inviteePoints,
      min_order_cents: Math.round(form.minOrder * 10 ** currencyDigits(currency)),
      order_within_days: form.orderDays,
      claim_within_days: form.claimDays,
      inviter_monthly_rewards: form.monthlyRewards,
      funding_source: form.payer,
    },
    distribution: {
      is_on: form.paysCommission,
      level1_rate: rate(form.level1),
      level2_rate: rate(form.level2),
      category_rates: form.categories.map((one) => ({ category: one.category.trim(), level1_rate: rate(one.level1), level2_rate: rate(one.level2) })),
      takes_applications: form.takesApplications,
      funding_source: form.commissionPayer,
    },
  }
}

/** Both levels together may not be more than this, in per cent. */
export const MOST_COMMISSION = 50

/** What one rewarded invitation costs at face value, in the smallest unit. */
export function costOfReward(form: ReferralForm, pointsPerUnit: number, currency: string): number {
  return Math.floor(((form.inviterPoints + form.inviteePoints) * 10 ** currencyDigits(currency)) / pointsPerUnit)
}
