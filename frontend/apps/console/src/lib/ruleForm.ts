import type { Limits, PerPeriod, Reward, RuleDocument, Task } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

const ORDER_TRIGGERS = ['order.completed', 'order.paid'] as const
/** What a rule can look at; events of a shop's own come with their name. */
export const TRIGGERS = [
  ...ORDER_TRIGGERS, 'member.registered', 'member.profile_completed', 'member.birthday', 'member.followed', 'checkin', 'review.posted', 'share.visited',
  'video.watched', 'referral.qualified', 'custom',
] as const
export type Kind = Reward['kind']
const KINDS: Kind[] = ['multiplier', 'fixed', 'amount', 'rate', 'per_line', 'coupon']
const FOR_ANYTHING = new Set<Kind>(['fixed', 'coupon'])
export const PERIODS = ['day', 'week', 'month', 'ever'] as const
export type PeriodName = (typeof PERIODS)[number]
export type Most = Record<PeriodName, number | null>

/** What the editor edits: money in major units, shares in per cent; `true` is a condition that always holds, null one that is not complete. */
export interface RuleForm {
  code: string
  name: string
  nameZh: string
  nameEn: string
  trigger: string
  custom: string
  segments: string[]
  channels: string[]
  condition: unknown
  kind: Kind
  points: number | null
  perAmount: number | null
  percent: number | null
  factor: number | null
  per: 'line' | 'piece'
  template: string
  lines: unknown
  times: Most
  most: Most
  total: number | null
  startsAt: Date | null
  endsAt: Date | null
  payer: string
  priority: number
  stacking: RuleDocument['stacking']
  pending: 'programme' | 'days' | 'return_window'
  pendingDays: number | null
  isTask: boolean
  titleZh: string
  titleEn: string
  hintZh: string
  hintEn: string
  claim: 'auto' | 'member'
  link: string
}

const CUSTOM = 'custom:'
const PERCENT_DIGITS = 4
const NOBODY_LIMITED: Most = { day: null, week: null, month: null, ever: null }

/** How long what a rule gives may wait; only orders can be returned. */
export const pendingsOf = (trigger: string): RuleForm['pending'][] => (isOrder(trigger) ? ['programme', 'days', 'return_window'] : ['programme', 'days'])
const DEFAULT_PENDING_DAYS = 14

export const givesCoupon = (form: Pick<RuleForm, 'kind'>): boolean => form.kind === 'coupon'
export const isOrder = (trigger: string): boolean => (ORDER_TRIGGERS as readonly string[]).includes(trigger)
/** A share or a multiple needs something to be a share of; what a rule already has stays offered. */
export const kindsOf = (trigger: string, kind: Kind): Kind[] => (isOrder(trigger) ? KINDS : KINDS.filter((one) => FOR_ANYTHING.has(one) || one === kind))

export const emptyRule = (): RuleForm => ({
  code: '', name: '', nameZh: '', nameEn: '', trigger: 'order.completed', custom: '', segments: [], channels: [], condition: true,
  kind: 'multiplier', points: 30, perAmount: 10, percent: 1, factor: 2, per: 'line', template: '', lines: true,
  times: { ...NOBODY_LIMITED }, most: { ...NOBODY_LIMITED }, total: null, startsAt: null, endsAt: null,
  payer: 'merchant', priority: 0, stacking: 'stack', pending: 'programme', pendingDays: DEFAULT_PENDING_DAYS,
  isTask: false, titleZh: '', titleEn: '', hintZh: '', hintEn: '', claim: 'auto', link: '',
})

const mostOf = (given: PerPeriod | undefined): Most => ({ ...NOBODY_LIMITED, ...given })
const momentOf = (text: string | null) => (text ? new Date(text) : null)
const numberOf = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text))

export function documentToForm(code: string, document: RuleDocument, currency: string): RuleForm {
  const { reward, limits, task } = document
  const start = emptyRule()
  const isCustom = document.trigger.startsWith(CUSTOM)
  const percent = numberOf(reward.rate)
  return {
    ...start, code, name: document.name, nameZh: document.name_zh, nameEn: document.name_en,
    trigger: isCustom ? 'custom' : document.trigger,
    custom: isCustom ? document.trigger.slice(CUSTOM.length) : '',
    segments: [...document.segments], channels: [...document.channels], condition: document.conditions ?? true,
    kind: reward.kind,
    points: reward.points ?? start.points,
    perAmount: reward.per_cents ? reward.per_cents / 10 ** currencyDigits(currency) : start.perAmount,
    percent: percent === null ? start.percent : Number((percent * 100).toFixed(PERCENT_DIGITS)),
    factor: numberOf(reward.factor) ?? start.factor,
    per: reward.per ?? 'line', template: reward.template ?? '', lines: reward.lines ?? true,
    times: mostOf(limits.per_member), most: mostOf(limits.per_member_points), total: limits.total_points ?? null,
    startsAt: momentOf(document.starts_at), endsAt: momentOf(document.ends_at),
    payer: document.funding_source, priority: document.priority, stacking: document.stacking,
    pending: document.pending ?? (document.pending_days === null ? 'programme' : 'days'), pendingDays: document.pending_days ?? start.pendingDays,
    ...taskToForm(task),
  }
}

function taskToForm(task: Task | null): Pick<RuleForm, 'isTask' | 'titleZh' | 'titleEn' | 'hintZh' | 'hintEn' | 'claim' | 'link'> {
  return {
    isTask: task !== null,
    titleZh: task?.title_zh ?? '', titleEn: task?.title_en ?? '', hintZh: task?.hint_zh ?? '', hintEn: task?.hint_en ?? '',
    claim: task?.claim ?? 'auto', link: task?.link ?? '',
  }
}

const triggerOf = (form: Pick<RuleForm, 'trigger' | 'custom'>): string => (form.trigger === 'custom' ? CUSTOM + form.custom : form.trigger)

/** `1.25` → "0.0125", without the rests of binary fractions. */
const rateOf = (percent: number): string => (percent / 100).toFixed(PERCENT_DIGITS + 2).replace(/0+$/, '')

function rewardOf(form: RuleForm, currency: string): Reward {
  const lines = isOrder(form.trigger) && form.lines !== true ? (form.lines as Reward['lines']) : null
  switch (form.kind) {
    case 'fixed':
      return { kind: 'fixed', points: form.points }
    case 'amount':
      return { kind: 'amount', points: form.points, per_cents: Math.round((form.perAmount ?? 0) * 10 ** currencyDigits(currency)), lines }
    case 'rate':
      return { kind: 'rate', rate: rateOf(form.percent ?? 0), lines }
    case 'multiplier':
      return { kind: 'multiplier', factor: String(form.factor), lines }
    case 'coupon':
      return { kind: 'coupon', template: form.template }
    default:
      return { kind: 'per_line', points: form.points, per: form.per, lines }
  }
}

/** A coupon is no points: only how often a member gets it can be limited. */
const limitsOf = (form: RuleForm): Limits =>
  givesCoupon(form)
    ? { per_member: form.times, per_member_points: { ...NOBODY_LIMITED }, total_points: null }
    : { per_member: form.times, per_member_points: form.most, total_points: form.total }

/** How long points wait, and who pays for them; a coupon is issued at once and paid when it is used. */
const pointTerms = (form: RuleForm): Pick<RuleDocument, 'funding_source' | 'pending' | 'pending_days'> =>
  givesCoupon(form)
    ? { funding_source: 'merchant', pending: null, pending_days: null }
    : {
        funding_source: form.payer,
        pending: form.pending === 'return_window' ? 'return_window' : null,
        pending_days: form.pending === 'days' ? form.pendingDays : null,
      }

/** What the rule says; every field is named, so that nothing of an earlier draft stays behind. */
export function formToDocument(form: RuleForm, currency: string): RuleDocument {
  return {
    name: form.name.trim(), name_zh: form.nameZh.trim(), name_en: form.nameEn.trim(), trigger: triggerOf(form), reward: rewardOf(form, currency),
    conditions: form.condition === true ? null : (form.condition as RuleDocument['conditions']),
    limits: limitsOf(form), channels: form.channels, segments: form.segments,
    starts_at: form.startsAt?.toISOString() ?? null, ends_at: form.endsAt?.toISOString() ?? null,
    priority: form.priority, stacking: form.stacking, ...pointTerms(form),
    task: form.isTask
      ? { title_zh: form.titleZh.trim(), title_en: form.titleEn.trim(), hint_zh: form.hintZh.trim(), hint_en: form.hintEn.trim(), claim: form.claim, link: form.link.trim() }
      : null,
  }
}

/** Conditions speak of fields that belong to a trigger; one that loses its fields is taken away. */
export function changeTrigger(form: RuleForm, trigger: string): RuleForm {
  const family = (one: string) => (isOrder(one) ? 'order' : one === 'checkin' ? 'checkin' : 'event')
  const next = { ...form, trigger }
  if (family(trigger) === family(form.trigger)) return next
  const isLost = JSON.stringify(form.condition).includes(`"${family(form.trigger)}.`)
  const pending = pendingsOf(trigger).includes(form.pending) ? form.pending : 'programme'
  return { ...next, condition: isLost ? true : form.condition, kind: isOrder(trigger) || FOR_ANYTHING.has(form.kind) ? form.kind : 'fixed', lines: true, pending }
}

const CODE = /^[a-z0-9][a-z0-9_-]{0,59}$/
const CUSTOM_NAME = /^[a-z0-9][a-z0-9_.-]{0,59}$/
const MOST_FACTOR = 100

function rewardProblem(form: RuleForm): Record<string, string> {
  const isMissing = (value: number | null) => value === null || value <= 0
  if ((form.kind === 'fixed' || form.kind === 'per_line' || form.kind === 'amount') && isMissing(form.points)) return { 'reward.points': 'rules.problems.points' }
  if (form.kind === 'coupon' && !form.template) return { 'reward.template': 'rules.problems.template' }
  if (form.kind === 'amount' && isMissing(form.perAmount)) return { 'reward.per_cents': 'rules.problems.points' }
  if (form.kind === 'rate' && (isMissing(form.percent) || form.percent! > 100)) return { 'reward.rate': 'rules.problems.rate' }
  if (form.kind === 'multiplier' && (form.factor === null || form.factor <= 1 || form.factor > MOST_FACTOR)) return { 'reward.factor': 'rules.problems.factor' }
  return {}
}

/** Field of the API to the key of what is wrong with it. */
export function ruleProblems(form: RuleForm): Record<string, string> {
  const problems = rewardProblem(form)
  if (!form.name.trim()) problems['name'] = 'segments.problems.name'
  if (!CODE.test(form.code)) problems['code'] = 'segments.problems.code'
  if (form.trigger === 'custom' && !CUSTOM_NAME.test(form.custom)) problems['trigger'] = 'rules.problems.custom'
  if (form.condition === null) problems['conditions'] = 'segments.problems.condition'
  if (form.lines === null) problems['reward.lines'] = 'segments.problems.condition'
  if (form.startsAt && form.endsAt && form.endsAt <= form.startsAt) problems['ends_at'] = 'rules.problems.ends'
  if (form.pending === 'days' && form.pendingDays === null && !givesCoupon(form)) problems['pending_days'] = 'program.problems.number'
  if (form.isTask && !(form.titleZh.trim() && form.titleEn.trim())) problems['task'] = 'rules.problems.task'
  return problems
}

/** The parts of two documents that differ, in the order of the editor. */
export function changedParts(old: RuleDocument | null, now: RuleDocument | null): (keyof RuleDocument)[] {
  const parts: (keyof RuleDocument)[] = [
    'name', 'name_zh', 'name_en', 'trigger', 'segments', 'channels', 'conditions', 'reward', 'limits', 'starts_at', 'ends_at', 'funding_source', 'stacking', 'priority', 'pending', 'pending_days', 'task',
  ]
  if (!old || !now) return []
  return parts.filter((part) => JSON.stringify(old[part]) !== JSON.stringify(now[part]))
}
