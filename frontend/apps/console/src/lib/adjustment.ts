import type { PointsOut } from '@jifen/api/console'

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
