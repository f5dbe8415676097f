import type { Checkin, Milestone } from '@jifen/api/console'

export const CYCLES: Checkin['cycle'][] = ['endless', 'week', 'month']
export const MILESTONE_KINDS: Milestone['kind'][] = ['continuous', 'cumulative']
export const MOST_DAYS = 31
export const MOST_MILESTONES = 20
const DAYS_A_WEEK = 7

/** What the check-in section edits. */
export interface CheckinForm {
  basePoints: number[]
  milestones: Milestone[]
  replaceBase: boolean
  cycle: Checkin['cycle']
  makeUpPoints: number
  makeUpPerMonth: number
}

export function checkinToForm(rule: Checkin): CheckinForm {
  return {
    basePoints: [...rule.base_points],
    milestones: rule.milestones.map((one) => ({ ...one })),
    replaceBase: rule.milestones_replace_base,
    cycle: rule.cycle,
    makeUpPoints: rule.make_up_points,
    makeUpPerMonth: rule.make_up_per_month,
  }
}

export function formToCheckin(form: CheckinForm): Checkin {
  return {
    base_points: [...form.basePoints],
    milestones: form.milestones.map((one) => ({ ...one })),
    milestones_replace_base: form.replaceBase,
    cycle: form.cycle,
    make_up_points: form.makeUpPoints,
    make_up_per_month: form.makeUpPerMonth,
  }
}

/** Field to the key of what is wrong with it; an emptied number is null whatever its type says. */
export function checkinProblems(form: CheckinForm): Record<string, string> {
  const problems: Record<string, string> = {}
  const isNumber = (value: unknown) => typeof value === 'number'
  if (!form.basePoints.every(isNumber)) problems['checkin.base_points'] = 'program.problems.number'
  if (!form.milestones.every((one) => isNumber(one.days) && isNumber(one.points))) problems['checkin.milestones'] = 'program.problems.number'
  if (!isNumber(form.makeUpPoints)) problems['checkin.make_up_points'] = 'program.problems.number'
  if (!isNumber(form.makeUpPerMonth)) problems['checkin.make_up_per_month'] = 'program.problems.number'
  return problems
}

export interface PreviewDay {
  /** Days in a row, from 1. */
  day: number
  points: number
  isMilestone: boolean
}

/** What a new member gets who checks in every day: the rule of the server (docs/algorithms/check-in.md) for an unbroken run. */
export function previewWeek(form: CheckinForm): PreviewDay[] {
  const table = form.basePoints.length > 0 ? form.basePoints : [0]
  return Array.from({ length: DAYS_A_WEEK }, (_, index) => {
    const reached = form.milestones.filter((one) => one.days === index + 1)
    const base = table[index % table.length] ?? 0
    const bonus = reached.reduce((sum, one) => sum + (one.points ?? 0), 0)
    return { day: index + 1, points: (reached.length > 0 && form.replaceBase ? 0 : base) + bonus, isMilestone: reached.length > 0 }
  })
}

/** Milestones past the week, soonest first, which the preview names in words. */
export function laterMilestones(form: CheckinForm): Milestone[] {
  return form.milestones.filter((one) => one.days > DAYS_A_WEEK).toSorted((a, b) => a.days - b.days)
}
