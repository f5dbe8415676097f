/** What a points programme costs a month; the same arithmetic as the server's `programme_cost`. */
export interface Programme {
  members: number
  spendPerMember: number
  pointsPerUnit: number
  faceValue: number
  redemptionRate: number
}

export interface ProgrammeCost {
  costPerPoint: number
  points: number
  cost: number
  costRate: number
}

/** Effective cost per point = face value × share of points that is ever used. */
export function programmeCost(programme: Programme): ProgrammeCost {
  const costPerPoint = programme.faceValue * programme.redemptionRate
  const sales = programme.members * programme.spendPerMember
  const points = sales * programme.pointsPerUnit
  const cost = points * costPerPoint
  return { costPerPoint, points, cost, costRate: sales > 0 ? cost / sales : 0 }
}
