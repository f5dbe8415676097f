import type { Earning, Reward, RuleDocument } from '@jifen/api/console'
import { currencyDigits, type Formatter } from '@jifen/shared'
import { isOrder, PERIODS } from './ruleForm.ts'

export interface RuleTexts {
  t: (key: string, named?: Record<string, string | number>) => string
  format: Pick<Formatter, 'points' | 'money' | 'percent'>
  /** The name of a coupon template; its code where names are not known. */
  couponName?: (code: string) => string
}

export function triggerWords(trigger: string, { t }: RuleTexts): string {
  return trigger.startsWith('custom:') ? t('rules.customTrigger', { name: trigger.slice(7) || '…' }) : t(`rules.triggers.${trigger.replaceAll('.', '_')}`)
}

/** `0.0125` → 1.25 %, with as many decimals as it has. */
const percentWords = (rate: string, { format }: RuleTexts) => format.percent(Number(rate), Math.max(0, (rate.split('.')[1] ?? '').replace(/0+$/, '').length - 2))

export function rewardWords(reward: Reward, texts: RuleTexts): string {
  const { t, format } = texts
  const value = format.points(reward.points ?? 0)
  switch (reward.kind) {
    case 'fixed':
      return t('rules.gives.fixed', { value })
    case 'amount':
      return t('rules.gives.amount', { value, money: format.money(reward.per_cents ?? 0, { short: true }) })
    case 'rate':
      return t('rules.gives.rate', { rate: percentWords(reward.rate ?? '0', texts) })
    case 'multiplier':
      return t('rules.gives.multiplier', { factor: Number(reward.factor ?? 1) })
    case 'coupon':
      return t('rules.gives.coupon', { name: texts.couponName?.(reward.template ?? '') ?? reward.template ?? '' })
    default:
      return t(reward.per === 'piece' ? 'rules.gives.piece' : 'rules.gives.line', { value })
  }
}

/** The limits that are set, each in words. */
export function limitWords({ limits }: Pick<RuleDocument, 'limits'>, { t, format }: RuleTexts): string[] {
  const times = PERIODS.filter((one) => limits.per_member?.[one]).map((one) => t(`rules.timesIn.${one}`, { n: limits.per_member![one]! }))
  const points = PERIODS.filter((one) => limits.per_member_points?.[one]).map((one) => t(`rules.pointsIn.${one}`, { value: format.points(limits.per_member_points![one]!) }))
  return [...times, ...points, ...(limits.total_points ? [t('rules.totalOf', { value: format.points(limits.total_points) })] : [])]
}

/** value × a decimal in text, floored, exactly. */
export function floorTimes(value: number, decimal: string): number {
  const [whole = '0', part = ''] = decimal.split('.')
  return Number((BigInt(value) * BigInt(whole + part)) / 10n ** BigInt(part.length))
}

type Steps = Pick<Earning, 'step_cents' | 'points_per_step' | 'rounding'>

/** Base points of an amount, as the programme says. */
export function basePoints(cents: number, { step_cents: step, points_per_step: each, rounding }: Steps): number {
  const steps = rounding === 'ceil' ? Math.ceil(cents / step) : rounding === 'half_up' ? Math.floor((2 * cents + step) / (2 * step)) : Math.floor(cents / step)
  return steps * each
}

const PIECES = 2

/** What a reward adds to an order of which everything counts: two lines of one piece each. */
export function bonusPoints(reward: Reward, cents: number, base: number, pointsPerUnit: number, currency: string): number {
  const points = reward.points ?? 0
  switch (reward.kind) {
    case 'fixed':
      return points
    case 'amount':
      return Math.floor(cents / (reward.per_cents || 1)) * points
    case 'rate':
      return Math.floor(floorTimes(cents * pointsPerUnit, reward.rate ?? '0') / 10 ** currencyDigits(currency))
    case 'multiplier':
      return floorTimes(base, reward.factor ?? '1') - base
    case 'coupon':
      return 0
    default:
      return points * PIECES
  }
}

const EXAMPLE_UNITS = 110

/** A worked example of a rule over orders: its amount in minor units, what it earns anyway, and what the rule adds. */
export function workedExample(document: RuleDocument, program: { earning: Steps; face_value_points_per_unit: number }, currency: string) {
  if (!isOrder(document.trigger) || document.reward.kind === 'coupon') return null
  const usual = EXAMPLE_UNITS * 10 ** currencyDigits(currency)
  const cents = Math.max(usual, leastAmount(document.conditions))
  const base = basePoints(cents, program.earning)
  return { cents, base, bonus: bonusPoints(document.reward, cents, base, program.face_value_points_per_unit, currency) }
}

const AMOUNTS = new Set(['order.amount_cents', 'order.goods_cents'])

/** The least amount an order must have by conditions that all have to hold; 0 when they ask for none. */
export function leastAmount(tree: unknown): number {
  if (typeof tree !== 'object' || tree === null) return 0
  const [operator, parts] = Object.entries(tree)[0] ?? []
  if (!Array.isArray(parts)) return 0
  if (operator === 'and') return Math.max(0, ...parts.map(leastAmount))
  const [low, operand] = operator === '>=' || operator === '>' ? [parts[1], parts[0]] : [parts[0], parts[1]]
  const name = (operand as { var?: unknown } | null | undefined)?.var
  if (!['>=', '>', '<=', '<'].includes(operator!) || typeof low !== 'number' || typeof name !== 'string' || !AMOUNTS.has(name)) return 0
  return operator === '>' || operator === '<' ? low + 1 : low
}
