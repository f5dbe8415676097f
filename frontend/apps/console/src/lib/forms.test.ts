import { describe, expect, it } from 'vitest'
import { adjustedPoints, needsTyping } from './adjustment.ts'
import { emptyMallItem, formToMallItem, mallItemProblems, mallItemToForm } from './mallItemForm.ts'
import { formToProgram, parseDays, type Program, programMeaning, programProblems, programToForm } from './program.ts'

const PROGRAM: Program = {
  face_value_points_per_unit: 100,
  earning: { basis: 'goods_paid', step_cents: 10_000, points_per_step: 10, rounding: 'floor', grant_on: 'completion', pending: 'days', pending_days: 7, return_window_days: 14 },
  expiry: { policy: 'rolling', months: 12, notice_days: [30, 7] },
  offset: { points_per_unit: 100, max_rate: '0.50', min_order_cents: 5000, step_points: 100, max_points: null, excluded_categories: ['gift'] },
  clawback: { share: 'by_line', from_other_lots: true, debt: true, debt_limit_points: null, return_grace_days: 0, chargeback_returns_spent: false },
  shop: { shipping_cents: 1200, free_shipping_from_cents: 19_900, hold_minutes: 30, complete_after_days: 10 },
  checkin: { base_points: [1, 2], milestones: [{ kind: 'continuous', days: 7, points: 20 }], milestones_replace_base: false, cycle: 'week', make_up_points: 50, make_up_per_month: 3 },
  adjustments: { approval_above_points: 1000, staff_daily_points: null, request_days: 7 },
  transfers: { enabled: true, min_points: 10, max_points: null, max_points_per_day: 500, max_points_per_month: null },
}

describe('programme form', () => {
  it('comes back as it was', () => {
    const same = { ...PROGRAM, offset: { ...PROGRAM.offset, max_rate: '0.5' } }
    expect(formToProgram(programToForm(PROGRAM, 'CNY'), 'CNY')).toEqual(same)
  })

  it('sends only what the chosen policy has', () => {
    const form = programToForm(PROGRAM, 'CNY')
    const policy = (change: Partial<typeof form>) => formToProgram({ ...form, ...change }, 'CNY').expiry
    expect(policy({ policy: 'never' })).toEqual({ policy: 'never', notice_days: [30, 7] })
    expect(policy({ policy: 'rolling', span: 'days', days: 90 })).toEqual({ policy: 'rolling', days: 90, notice_days: [30, 7] })
    expect(policy({ policy: 'fixed_date', date: '06-30' })).toEqual({ policy: 'fixed_date', date: '06-30', notice_days: [30, 7] })
    expect(policy({ policy: 'inactivity', days: 180 })).toEqual({ policy: 'inactivity', days: 180, notice_days: [30, 7] })
    expect(policy({ policy: 'month_end' })).toEqual({ policy: 'month_end', months: 12, notice_days: [30, 7] })
  })

  it('minds currencies without small units', () => {
    expect(programToForm(PROGRAM, 'JPY').step).toBe(10_000)
    expect(formToProgram(programToForm(PROGRAM, 'JPY'), 'JPY').earning.step_cents).toBe(10_000)
  })

  it('misses numbers that were emptied, and days that do not exist', () => {
    const form = programToForm(PROGRAM, 'CNY')
    expect(programProblems(form)).toEqual({})
    expect(programProblems({ ...form, step: null as unknown as number })).toEqual({ 'earning.step_cents': 'program.problems.number' })
    expect(programProblems({ ...form, policy: 'fixed_date', date: '02-30' })).toEqual({ 'expiry.date': 'program.problems.date' })
  })

  it('reads days as people write them', () => {
    expect(parseDays('7，30、7 x -1')).toEqual([30, 7])
    expect(parseDays('')).toEqual([])
  })
})

describe('what the numbers mean', () => {
  const form = programToForm(PROGRAM, 'CNY')

  it('gives 10 points for 109.00 at 10 per 100.00', () => {
    expect(programMeaning(form, 109, 'CNY')).toMatchObject({ earned: 10, worthCents: 10 })
    expect(programMeaning({ ...form, rounding: 'ceil' }, 109, 'CNY').earned).toBe(20)
    expect(programMeaning({ ...form, rounding: 'half_up' }, 150, 'CNY').earned).toBe(20)
  })

  it('turns it into a share of the purchase', () => {
    const meaning = programMeaning({ ...form, step: 1, pointsPerStep: 1 }, 200, 'CNY')
    expect(meaning.giveBackRate).toBeCloseTo(0.01)
    expect(meaning.expectedRate).toBeCloseTo(0.003)
  })

  it('offers the offset in whole steps, below its limits', () => {
    expect(programMeaning(form, 49, 'CNY')).toMatchObject({ offsetPoints: 0, offsetCents: 0 })
    expect(programMeaning(form, 101, 'CNY')).toMatchObject({ offsetPoints: 5000, offsetCents: 5000 })
    expect(programMeaning({ ...form, offsetMaxPoints: 1250 }, 101, 'CNY').offsetPoints).toBe(1200)
  })
})

describe('mall item form', () => {
  const filled = { ...emptyMallItem(), titleZh: ' 奶茶 ', pricePoints: 300, price: 19.9, onSaleFrom: new Date('2026-01-01T00:00:00Z') }

  it('becomes the body of the request and back', () => {
    const body = formToMallItem(filled, 'CNY')
    expect(body).toMatchObject({ title_zh: '奶茶', price_points: 300, price_cents: 1990, stock: null, on_sale_from: '2026-01-01T00:00:00.000Z', on_sale_until: null })
    const item = { ...body, id: '1', title: '奶茶', redeemed_count: 0, created_at: '' }
    expect(formToMallItem(mallItemToForm(item, 'CNY'), 'CNY')).toEqual(body)
  })

  it('names what is missing', () => {
    expect(Object.keys(mallItemProblems(emptyMallItem()))).toEqual(['title_zh', 'price_points'])
    expect(mallItemProblems(filled)).toEqual({})
    expect(Object.keys(mallItemProblems({ ...filled, onSaleUntil: new Date('2025-12-31T00:00:00Z') }))).toEqual(['on_sale_until'])
  })
})

describe('adjustments', () => {
  const points = { available: 50, pending: 0, held: 0, debt: 0, lifetime_earned: 90 }

  it('settle what is owed first', () => {
    expect(adjustedPoints({ ...points, available: 0, debt: 30 }, 100)).toBe(70)
    expect(adjustedPoints(points, -60)).toBe(-10)
  })

  it('ask for typing when large or downwards', () => {
    expect(needsTyping(999, 100)).toBe(false)
    expect(needsTyping(1000, 100)).toBe(true)
    expect(needsTyping(-1, 100)).toBe(true)
  })
})
