import type { BudgetOut, FundingSourceIn, FundingSourceOut } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

export const BUDGET_KINDS = ['none', 'points', 'rate'] as const
export const PERIODS: BudgetOut['period'][] = ['month', 'campaign']
export const ON_LIMIT: BudgetOut['on_limit'][] = ['stop_bonus', 'stop', 'alert']

/** What the dialog edits: the price in major units, shares in per cent. */
export interface FundingForm {
  code: string
  name: string
  price: number
  kind: (typeof BUDGET_KINDS)[number]
  points: number | null
  percent: number | null
  period: BudgetOut['period']
  onLimit: BudgetOut['on_limit']
  alertPercent: number
}

const RATE_DIGITS = 6
const percentOf = (rate: string) => Number((Number(rate) * 100).toFixed(RATE_DIGITS - 2))
const rateOf = (percent: number) => (percent / 100).toFixed(RATE_DIGITS).replace(/\.?0+$/, '')

export const emptyFunding = (): FundingForm => ({ code: '', name: '', price: 0, kind: 'none', points: null, percent: null, period: 'month', onLimit: 'stop_bonus', alertPercent: 80 })

export function fundingToForm(row: FundingSourceOut, currency: string): FundingForm {
  const { budget } = row
  const start = { ...emptyFunding(), code: row.code, name: row.name, price: row.unit_cost_cents_per_1000_points / 10 ** currencyDigits(currency) }
  if (!budget) return start
  return {
    ...start,
    kind: budget.budget_rate === null ? 'points' : 'rate',
    points: budget.budget_points,
    percent: budget.budget_rate === null ? null : percentOf(budget.budget_rate),
    period: budget.period, onLimit: budget.on_limit, alertPercent: percentOf(budget.alert_rate),
  }
}

/** The body of the change; without a kind of budget there is none. */
export function formToFunding(form: FundingForm, currency: string): FundingSourceIn {
  const body = { code: form.code, name: form.name.trim(), unit_cost_cents_per_1000_points: Math.round(form.price * 10 ** currencyDigits(currency)) }
  if (form.kind === 'none') return body
  const terms = { period: form.period, on_limit: form.onLimit, alert_rate: rateOf(form.alertPercent) }
  return form.kind === 'points' ? { ...body, ...terms, budget_points: form.points } : { ...body, ...terms, budget_rate: rateOf(form.percent ?? 0) }
}

/** Field of the API to the key of what is wrong with it. */
export function fundingProblems(form: FundingForm): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!form.name.trim()) problems['name'] = 'segments.problems.name'
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(form.code)) problems['code'] = 'segments.problems.code'
  if (form.kind === 'points' && form.points === null) problems['budget_points'] = 'funding.problems.amount'
  if (form.kind === 'rate' && form.percent === null) problems['budget_rate'] = 'funding.problems.share'
  return problems
}
