import { describe, expect, it } from 'vitest'
import { programmeCost } from './cost.ts'

describe('programmeCost', () => {
  it('multiplies face value and redemption rate', () => {
    const found = programmeCost({ members: 1000, spendPerMember: 200, pointsPerUnit: 1, faceValue: 0.004, redemptionRate: 0.3 })
    expect(found.costPerPoint).toBeCloseTo(0.0012, 12)
    expect(found.points).toBe(200_000)
    expect(found.cost).toBeCloseTo(240, 9)
    expect(found.costRate).toBeCloseTo(0.0012, 12)
  })

  it('costs nothing without sales', () => {
    const found = programmeCost({ members: 0, spendPerMember: 200, pointsPerUnit: 1, faceValue: 0.01, redemptionRate: 1 })
    expect(found).toEqual({ costPerPoint: 0.01, points: 0, cost: 0, costRate: 0 })
  })
})
