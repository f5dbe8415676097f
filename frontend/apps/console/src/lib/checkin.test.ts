import type { Checkin } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { checkinProblems, checkinToForm, formToCheckin, laterMilestones, previewWeek } from './checkin.ts'

const RULE: Checkin = {
  base_points: [1, 1, 2, 2, 3, 3, 5],
  milestones: [
    { kind: 'continuous', days: 30, points: 100 },
    { kind: 'continuous', days: 7, points: 20 },
    { kind: 'cumulative', days: 15, points: 50 },
  ],
  milestones_replace_base: false,
  cycle: 'endless',
  make_up_points: 50,
  make_up_per_month: 3,
}

describe('check-in form', () => {
  it('comes back as it was, and edits a copy', () => {
    const form = checkinToForm(RULE)
    expect(formToCheckin(form)).toEqual(RULE)
    form.basePoints[0] = 9
    form.milestones[0]!.points = 9
    expect(RULE.base_points[0]).toBe(1)
    expect(RULE.milestones[0]!.points).toBe(100)
  })

  it('misses numbers that were emptied', () => {
    const form = checkinToForm(RULE)
    expect(checkinProblems(form)).toEqual({})
    const empty = null as unknown as number
    expect(Object.keys(checkinProblems({ ...form, basePoints: [1, empty], makeUpPoints: empty }))).toEqual(['checkin.base_points', 'checkin.make_up_points'])
  })
})

describe('a week of check-ins', () => {
  it('adds a milestone to the day, or puts it in its place', () => {
    const form = checkinToForm(RULE)
    expect(previewWeek(form).map((one) => one.points)).toEqual([1, 1, 2, 2, 3, 3, 25])
    expect(previewWeek({ ...form, replaceBase: true }).map((one) => one.points)).toEqual([1, 1, 2, 2, 3, 3, 20])
    expect(previewWeek(form).filter((one) => one.isMilestone).map((one) => one.day)).toEqual([7])
  })

  it('starts the table over past its last day', () => {
    expect(previewWeek({ ...checkinToForm(RULE), basePoints: [1, 2, 3], milestones: [] }).map((one) => one.points)).toEqual([1, 2, 3, 1, 2, 3, 1])
  })

  it('names what comes after the week', () => {
    expect(laterMilestones(checkinToForm(RULE)).map((one) => one.days)).toEqual([15, 30])
  })
})
