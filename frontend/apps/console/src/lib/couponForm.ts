import type { CouponTemplateIn, CouponTemplateOut, CouponTemplateTerms } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'
import { codeOf } from './segmentForm.ts'

export const COUPON_KINDS: CouponTemplateOut['kind'][] = ['amount_off', 'percent_off', 'free_shipping']
export const SCOPES: CouponTemplateOut['scope'][] = ['all', 'categories', 'skus']
export const COUPON_STATUSES: CouponTemplateOut['status'][] = ['draft', 'active', 'stopped']

/** What the form edits: money in major units, a percentage as people write it, limits that are off as null. */
export interface CouponForm {
  code: string
  nameZh: string
  nameEn: string
  kind: CouponTemplateOut['kind']
  amount: number
  percent: number
  cap: number | null
  threshold: number
  scope: CouponTemplateOut['scope']
  categories: string[]
  skus: string[]
  excludedCategories: string[]
  excludedSkus: string[]
  validDays: number | null
  validFrom: Date | null
  validUntil: Date | null
  total: number | null
  perMember: number | null
  isClaimable: boolean
  claimFrom: Date | null
  claimUntil: Date | null
  tiers: string[]
  segment: string
  stacks: boolean
  withPoints: boolean
  returns: boolean
  payer: string
  status: CouponTemplateOut['status']
}

export const emptyCoupon = (): CouponForm => ({
  code: '',
  nameZh: '',
  nameEn: '',
  kind: 'amount_off',
  amount: 10,
  percent: 10,
  cap: null,
  threshold: 0,
  scope: 'all',
  categories: [],
  skus: [],
  excludedCategories: [],
  excludedSkus: [],
  validDays: 30,
  validFrom: null,
  validUntil: null,
  total: null,
  perMember: 1,
  isClaimable: false,
  claimFrom: null,
  claimUntil: null,
  tiers: [],
  segment: '',
  stacks: false,
  withPoints: true,
  returns: true,
  payer: 'merchant',
  status: 'draft',
})

const toDate = (value: string | null): Date | null => (value ? new Date(value) : null)
const fromDate = (value: Date | null): string | null => value?.toISOString() ?? null

export function couponToForm(row: CouponTemplateOut, currency: string): CouponForm {
  const major = (cents: number | null) => (cents ?? 0) / 10 ** currencyDigits(currency)
  const empty = emptyCoupon()
  return {
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    kind: row.kind,
    amount: row.amount_cents === null ? empty.amount : major(row.amount_cents),
    percent: row.rate === null ? empty.percent : Math.round(Number(row.rate) * 10_000) / 100,
    cap: row.cap_cents === null ? null : major(row.cap_cents),
    threshold: major(row.threshold_cents),
    scope: row.scope,
    categories: row.categories,
    skus: row.skus,
    excludedCategories: row.excluded_categories,
    excludedSkus: row.excluded_skus,
    validDays: row.valid_days,
    validFrom: toDate(row.valid_from),
    validUntil: toDate(row.valid_until),
    total: row.total,
    perMember: row.per_member,
    isClaimable: row.is_claimable,
    claimFrom: toDate(row.claim_from),
    claimUntil: toDate(row.claim_until),
    tiers: row.tiers,
    segment: row.segment,
    stacks: row.stacks,
    withPoints: row.with_points,
    returns: row.returns_on_refund,
    payer: row.funding_source,
    status: row.status,
  }
}

/** What the form promises, without its code. */
export function formToTerms(form: CouponForm, currency: string): Required<CouponTemplateTerms> {
  const cents = (major: number) => Math.round(major * 10 ** currencyDigits(currency))
  const isPercent = form.kind === 'percent_off'
  return {
    name_zh: form.nameZh.trim(),
    name_en: form.nameEn.trim(),
    kind: form.kind,
    amount_cents: form.kind === 'amount_off' ? cents(form.amount) : null,
    rate: isPercent ? String(Math.round(form.percent * 100) / 10_000) : null,
    cap_cents: isPercent && form.cap !== null ? cents(form.cap) : null,
    threshold_cents: cents(form.threshold),
    scope: form.scope,
    categories: form.scope === 'categories' ? form.categories : [],
    skus: form.scope === 'skus' ? form.skus : [],
    excluded_categories: form.excludedCategories,
    excluded_skus: form.excludedSkus,
    valid_from: fromDate(form.validFrom),
    valid_until: fromDate(form.validUntil),
    valid_days: form.validDays,
    total: form.total,
    per_member: form.perMember,
    is_claimable: form.isClaimable,
    claim_from: form.isClaimable ? fromDate(form.claimFrom) : null,
    claim_until: form.isClaimable ? fromDate(form.claimUntil) : null,
    tiers: form.isClaimable ? form.tiers : [],
    segment: form.isClaimable ? form.segment : '',
    stacks: form.stacks,
    with_points: form.withPoints,
    returns_on_refund: form.returns,
    funding_source: form.payer,
    status: form.status,
  }
}

export const formToCoupon = (form: CouponForm, currency: string): CouponTemplateIn => ({ ...formToTerms(form, currency), code: form.code.trim() })

/** A code out of a name; a Chinese name alone has none, and the shop writes its own. */
export const couponCodeOf = (form: CouponForm): string => codeOf(form.nameEn || form.nameZh)

/** Field to the key of what is wrong with it, under the names the API uses. */
export function couponProblems(form: CouponForm): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!form.nameZh.trim() && !form.nameEn.trim()) problems['name_zh'] = 'coupons.problems.name'
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(form.code.trim())) problems['code'] = 'coupons.problems.code'
  if (form.kind === 'amount_off' && form.amount <= 0) problems['amount_cents'] = 'coupons.problems.amount'
  if (form.kind === 'percent_off' && (form.percent <= 0 || form.percent > 100)) problems['rate'] = 'coupons.problems.percent'
  if (form.scope !== 'all' && form[form.scope].length === 0) problems[form.scope] = 'coupons.problems.scope'
  if (form.validFrom && form.validUntil && form.validUntil <= form.validFrom) problems['valid_until'] = 'coupons.problems.window'
  if (form.claimFrom && form.claimUntil && form.claimUntil <= form.claimFrom) problems['claim_until'] = 'coupons.problems.window'
  return problems
}
