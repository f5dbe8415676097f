import type { Adjustments, Checkin, Clawback, Earning, Expiry, Offset, Shop, Transfers } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'
import { type CheckinForm, checkinProblems, checkinToForm, formToCheckin } from './checkin.ts'

export const BASES: Earning['basis'][] = ['goods_paid', 'order_total']
export const ROUNDINGS: Earning['rounding'][] = ['floor', 'half_up', 'ceil']
export const GRANT_MOMENTS: Earning['grant_on'][] = ['completion', 'payment']
export const PENDINGS: Earning['pending'][] = ['days', 'return_window']
export const POLICIES: Expiry['policy'][] = ['rolling', 'month_end', 'fixed_date', 'inactivity', 'never']
export const SHARES: Clawback['share'][] = ['by_line', 'proportional']

/** What the page edits of the programme. */
export interface Program {
  face_value_points_per_unit: number
  earning: Omit<Earning, 'excluded_categories' | 'excluded_skus'>
  expiry: Pick<Expiry, 'policy' | 'notice_days'> & Partial<Expiry>
  offset: Offset
  clawback: Clawback
  transfers: Transfers
  checkin: Checkin
  adjustments: Adjustments
  shop: Pick<Shop, 'shipping_cents' | 'free_shipping_from_cents' | 'hold_minutes' | 'complete_after_days'>
}

/** What the settings page edits: money in major units, shares in per cent, choices that are off as null. */
export interface ProgramForm {
  faceValue: number
  basis: Earning['basis']
  step: number
  pointsPerStep: number
  rounding: Earning['rounding']
  grantOn: Earning['grant_on']
  pending: Earning['pending']
  pendingDays: number
  returnWindowDays: number
  policy: Expiry['policy']
  span: 'months' | 'days'
  months: number
  days: number
  date: string
  noticeDays: string
  offsetPointsPerUnit: number
  offsetMaxPercent: number
  offsetMinOrder: number
  offsetStep: number
  offsetMaxPoints: number | null
  offsetExcluded: string[]
  share: Clawback['share']
  fromOtherLots: boolean
  debt: boolean
  debtLimit: number | null
  transfers: boolean
  transferMin: number
  transferMax: number | null
  transferPerDay: number | null
  transferPerMonth: number | null
  shippingFee: number
  freeFrom: number | null
  holdMinutes: number
  completeDays: number
  checkin: CheckinForm
  approvalAbove: number | null
  staffDaily: number | null
  requestDays: number
  graceDays: number
  chargebackReturns: boolean
}

const DEFAULT_MONTHS = 12
const DEFAULT_DAYS = 365

export function programToForm(program: Program, currency: string): ProgramForm {
  const unit = 10 ** currencyDigits(currency)
  const { earning, expiry, offset, clawback, transfers, checkin, adjustments, shop } = program
  return {
    faceValue: program.face_value_points_per_unit,
    basis: earning.basis,
    step: earning.step_cents / unit,
    pointsPerStep: earning.points_per_step,
    rounding: earning.rounding,
    grantOn: earning.grant_on,
    pending: earning.pending,
    pendingDays: earning.pending_days,
    returnWindowDays: earning.return_window_days,
    policy: expiry.policy,
    span: expiry.days ? 'days' : 'months',
    months: expiry.months ?? DEFAULT_MONTHS,
    days: expiry.days ?? DEFAULT_DAYS,
    date: expiry.date ?? '12-31',
    noticeDays: expiry.notice_days.join(', '),
    offsetPointsPerUnit: offset.points_per_unit,
    offsetMaxPercent: Math.round(Number(offset.max_rate) * 100),
    offsetMinOrder: offset.min_order_cents / unit,
    offsetStep: offset.step_points,
    offsetMaxPoints: offset.max_points,
    offsetExcluded: [...offset.excluded_categories],
    share: clawback.share,
    fromOtherLots: clawback.from_other_lots,
    debt: clawback.debt,
    debtLimit: clawback.debt_limit_points,
    transfers: transfers.enabled,
    transferMin: transfers.min_points,
    transferMax: transfers.max_points,
    transferPerDay: transfers.max_points_per_day,
    transferPerMonth: transfers.max_points_per_month,
    shippingFee: shop.shipping_cents / unit,
    freeFrom: shop.free_shipping_from_cents === null ? null : shop.free_shipping_from_cents / unit,
    holdMinutes: shop.hold_minutes,
    completeDays: shop.complete_after_days,
    checkin: checkinToForm(checkin),
    approvalAbove: adjustments.approval_above_points,
    staffDaily: adjustments.staff_daily_points,
    requestDays: adjustments.request_days,
    graceDays: clawback.return_grace_days,
    chargebackReturns: clawback.chargeback_returns_spent,
  }
}

/** Days as typed, `30, 7` or with Chinese commas, largest first. */
export function parseDays(text: string): number[] {
  const days = text.split(/[,，、\s]+/).map(Number)
  return [...new Set(days.filter((day) => Number.isInteger(day) && day > 0))].toSorted((a, b) => b - a)
}

function expiryBody(form: ProgramForm): Program['expiry'] {
  const notice = { notice_days: parseDays(form.noticeDays) }
  switch (form.policy) {
    case 'rolling':
      return form.span === 'days'
        ? { policy: 'rolling', days: form.days, ...notice }
        : { policy: 'rolling', months: form.months, ...notice }
    case 'month_end':
      return { policy: 'month_end', months: form.months, ...notice }
    case 'fixed_date':
      return { policy: 'fixed_date', date: form.date, ...notice }
    case 'inactivity':
      return { policy: 'inactivity', days: form.days, ...notice }
    case 'never':
      return { policy: 'never', ...notice }
  }
}

/** The body of the change; the whole of each part, so that half a policy is never sent. */
export function formToProgram(form: ProgramForm, currency: string): Program {
  const unit = 10 ** currencyDigits(currency)
  return {
    face_value_points_per_unit: form.faceValue,
    earning: {
      basis: form.basis,
      step_cents: Math.round(form.step * unit),
      points_per_step: form.pointsPerStep,
      rounding: form.rounding,
      grant_on: form.grantOn,
      pending: form.pending,
      pending_days: form.pendingDays,
      return_window_days: form.returnWindowDays,
    },
    expiry: expiryBody(form),
    offset: {
      points_per_unit: form.offsetPointsPerUnit,
      max_rate: String(form.offsetMaxPercent / 100),
      min_order_cents: Math.round(form.offsetMinOrder * unit),
      step_points: form.offsetStep,
      max_points: form.offsetMaxPoints,
      excluded_categories: form.offsetExcluded,
    },
    clawback: {
      share: form.share,
      from_other_lots: form.fromOtherLots,
      debt: form.debt,
      debt_limit_points: form.debtLimit,
      return_grace_days: form.graceDays,
      chargeback_returns_spent: form.chargebackReturns,
    },
    checkin: formToCheckin(form.checkin),
    shop: {
      shipping_cents: Math.round(form.shippingFee * unit),
      free_shipping_from_cents: form.freeFrom === null ? null : Math.round(form.freeFrom * unit),
      hold_minutes: form.holdMinutes,
      complete_after_days: form.completeDays,
    },
    adjustments: {
      approval_above_points: form.approvalAbove,
      staff_daily_points: form.staffDaily,
      request_days: form.requestDays,
    },
    transfers: {
      enabled: form.transfers,
      min_points: form.transferMin,
      max_points: form.transferMax,
      max_points_per_day: form.transferPerDay,
      max_points_per_month: form.transferPerMonth,
    },
  }
}

/** Names of the fields as the API says them, with the part of the form each stands for. */
const NUMBER_FIELDS = {
  face_value_points_per_unit: 'faceValue',
  'earning.step_cents': 'step',
  'earning.points_per_step': 'pointsPerStep',
  'earning.pending_days': 'pendingDays',
  'earning.return_window_days': 'returnWindowDays',
  'expiry.months': 'months',
  'expiry.days': 'days',
  'offset.points_per_unit': 'offsetPointsPerUnit',
  'offset.max_rate': 'offsetMaxPercent',
  'offset.min_order_cents': 'offsetMinOrder',
  'offset.step_points': 'offsetStep',
  'transfers.min_points': 'transferMin',
  'shop.shipping_cents': 'shippingFee',
  'shop.hold_minutes': 'holdMinutes',
  'shop.complete_after_days': 'completeDays',
  'adjustments.request_days': 'requestDays',
  'clawback.return_grace_days': 'graceDays',
} as const satisfies Record<string, keyof ProgramForm>

/** Every field a refusal can be shown beside. */
export const PROGRAM_FIELDS = [
  ...Object.keys(NUMBER_FIELDS),
  'earning.basis',
  'earning.grant_on',
  'earning.pending',
  'earning.rounding',
  'expiry.policy',
  'expiry.date',
  'expiry.notice_days',
  'offset.max_points',
  'offset.excluded_categories',
  'shop.free_shipping_from_cents',
  'clawback.share',
  'clawback.debt_limit_points',
  'transfers.max_points',
  'transfers.max_points_per_day',
  'transfers.max_points_per_month',
  'checkin.base_points',
  'checkin.milestones',
  'checkin.make_up_points',
  'checkin.make_up_per_month',
  'adjustments.approval_above_points',
  'adjustments.staff_daily_points',
]

/** Whether `MM-DD` is a day that comes every year. */
export function isYearlyDay(text: string): boolean {
  const day = `2025-${text}`
  return /^\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
}

/** Field to the key of what is wrong with it; an emptied number is null whatever its type says. */
export function programProblems(form: ProgramForm): Record<string, string> {
  const problems: Record<string, string> = checkinProblems(form.checkin)
  for (const [field, part] of Object.entries(NUMBER_FIELDS)) {
    if (typeof form[part] !== 'number') problems[field] = 'program.problems.number'
  }
  if (form.policy === 'fixed_date' && !isYearlyDay(form.date)) problems['expiry.date'] = 'program.problems.date'
  return problems
}

const ROUND: Record<ProgramForm['rounding'], (value: number) => number> = {
  floor: Math.floor,
  half_up: (value) => Math.floor(value + 0.5),
  ceil: Math.ceil,
}

export interface ProgramMeaning {
  /** Points an order of the example amount earns. */
  earned: number
  /** What those points are worth, in the smallest unit of money. */
  worthCents: number
  /** Share of the amount that goes back to the member. */
  giveBackRate: number
  /** What the same is expected to cost when only some points are ever used. */
  expectedRate: number
  /** The most that points can take off an order of the example amount. */
  offsetCents: number
  offsetPoints: number
}

/** A healthy programme sees about this share of its points used. */
export const HEALTHY_RATE = 0.3

function offsetOf(form: ProgramForm, amount: number, unit: number): { points: number; cents: number } {
  if (amount < form.offsetMinOrder || form.offsetPointsPerUnit <= 0) return { points: 0, cents: 0 }
  const wanted = Math.floor((amount * form.offsetMaxPercent * form.offsetPointsPerUnit) / 100)
  const capped = Math.min(wanted, form.offsetMaxPoints ?? wanted)
  const points = form.offsetStep > 0 ? Math.floor(capped / form.offsetStep) * form.offsetStep : capped
  return { points, cents: Math.floor((points / form.offsetPointsPerUnit) * unit) }
}

/** What the numbers mean for one order of `amount` major units. */
export function programMeaning(form: ProgramForm, amount: number, currency: string): ProgramMeaning {
  const unit = 10 ** currencyDigits(currency)
  const steps = form.step > 0 ? ROUND[form.rounding]((amount * unit) / Math.round(form.step * unit)) : 0
  const earned = steps * form.pointsPerStep
  const worthCents = form.faceValue > 0 ? Math.floor((earned * unit) / form.faceValue) : 0
  const giveBackRate = amount > 0 ? worthCents / (amount * unit) : 0
  const offset = offsetOf(form, amount, unit)
  return {
    earned,
    worthCents,
    giveBackRate,
    expectedRate: giveBackRate * HEALTHY_RATE,
    offsetCents: offset.cents,
    offsetPoints: offset.points,
  }
}
