import type { AdjustmentOut, AdjustmentRequestOut, AllowanceOut, PointsOut } from '@jifen/api/console'

/** Worth this many units of money, an adjustment wants its number typed once more. */
const TYPING_FROM_UNITS = 10

/** What a member could spend after an adjustment; what is owed is settled first. Below zero: it cannot be done. */
export function adjustedPoints(points: PointsOut, change: number): number {
  return change > 0 ? points.available + Math.max(0, change - points.debt) : points.available + change
}

/** Whether an adjustment is large enough to be confirmed by typing; taking points away always is. */
export function needsTyping(change: number, pointsPerUnit: number): boolean {
  return change < 0 || change >= TYPING_FROM_UNITS * pointsPerUnit
}

/** What the programme will make of an adjustment of this size, before it is sent. */
export function outlookOf(allowance: AllowanceOut | undefined, change: number): 'fine' | 'approval' | 'too_much' {
  const size = Math.abs(change)
  if (!allowance) return 'fine'
  if (allowance.left_points !== null && size > allowance.left_points) return 'too_much'
  return allowance.approval_above_points !== null && size > allowance.approval_above_points ? 'approval' : 'fine'
}

/** Whether an adjustment was done at once; the other kind of answer waits for a second person. */
export function isDone(answer: AdjustmentOut | AdjustmentRequestOut): answer is AdjustmentOut {
  return 'transaction' in answer
}
