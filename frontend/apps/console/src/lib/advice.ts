import type { DashboardOut } from '@jifen/api/console'
import { HEALTHY_RATE } from './program.ts'
import { changeRate } from './series.ts'

/** A next step, with the numbers it rests on and the page where it is done. */
export interface Advice {
  key: 'start' | 'low_rate' | 'expiring_away' | 'spending_falls' | 'issuing_falls' | 'healthy'
  facts: Record<string, number>
  to: string
  picture: string
}

const MUCH_EXPIRED = 0.15
const CLEAR_FALL = -0.1

/** What the figures suggest doing next, most pressing first; at least one line, at most three. */
export function adviceFrom({ figures }: Pick<DashboardOut, 'figures'>): Advice[] {
  const issued = figures.issued_points
  const spent = figures.spent_points
  if (issued.value === 0 && figures.outstanding_points.value === 0) {
    return [{ key: 'start', facts: {}, to: 'program', picture: '1f680' }]
  }
  const advice: Advice[] = []
  const rate = figures.redemption_rate.value
  if (rate < HEALTHY_RATE) advice.push({ key: 'low_rate', facts: { rate, target: HEALTHY_RATE }, to: 'mall-new', picture: '1f381' })
  const expiredShare = issued.value > 0 ? figures.expired_points.value / issued.value : 0
  if (expiredShare > MUCH_EXPIRED) advice.push({ key: 'expiring_away', facts: { share: expiredShare }, to: 'program', picture: '23f3' })
  const spentChange = changeRate(spent.value, spent.previous) ?? 0
  if (spentChange < CLEAR_FALL) advice.push({ key: 'spending_falls', facts: { change: -spentChange }, to: 'mall', picture: '1f6cd' })
  const issuedChange = changeRate(issued.value, issued.previous) ?? 0
  if (issuedChange < CLEAR_FALL) advice.push({ key: 'issuing_falls', facts: { change: -issuedChange }, to: 'orders', picture: '1f4c8' })
  if (advice.length === 0) advice.push({ key: 'healthy', facts: { rate, target: HEALTHY_RATE }, to: 'members', picture: '1f3c6' })
  return advice.slice(0, 3)
}
