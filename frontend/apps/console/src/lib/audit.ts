import type { EntryRow } from '@jifen/api/console'
import type { Formatter } from '@jifen/shared'

/** What the log can be narrowed to: the beginnings of actions. */
export const AREAS = ['program', 'brand', 'member', 'tier', 'member_tier', 'member_field', 'segment', 'points', 'adjustment', 'mall_item', 'redemption', 'earning_rule', 'funding_source', 'api_key', 'webhook_endpoint', 'payment_account', 'staff', 'test_clock', 'coupon_template', 'coupon', 'distributor', 'shop_order', 'shop_refund'] as const

/** Where the page of a subject is. */
const PAGES: Record<string, { name: string; param: string }> = {
  member: { name: 'member', param: 'id' },
  mall_item: { name: 'mall-item', param: 'id' },
  earning_rule: { name: 'rule', param: 'code' },
  segment: { name: 'segment', param: 'code' },
  import: { name: 'import', param: 'id' },
  shop_order: { name: 'shop-order', param: 'id' },
  webhook_endpoint: { name: 'webhook', param: 'id' },
  coupon_template: { name: 'coupon', param: 'code' },
}

export function pageOf(subject: string): { name: string; params: Record<string, string> } | null {
  const [kind = '', id = ''] = subject.split(':')
  const page = PAGES[kind]
  return page && id ? { name: page.name, params: { [page.param]: id } } : null
}

/** Field of the log → the text that names the same thing on its page. */
const FIELD_TEXTS: Record<string, string> = {
  face_value_points_per_unit: 'audit.fields.face_value',
  'earning.basis': 'program.basis',
  'earning.step_cents': 'program.step',
  'earning.points_per_step': 'program.pointsPerStep',
  'earning.rounding': 'program.rounding',
  'earning.grant_on': 'program.moment',
  'earning.pending': 'program.pending',
  'earning.pending_days': 'program.pendingDays',
  'earning.return_window_days': 'program.returnWindowDays',
  'expiry.policy': 'program.policy',
  'expiry.months': 'program.validMonths',
  'expiry.days': 'program.validDays',
  'expiry.date': 'program.date',
  'expiry.notice_days': 'program.notice',
  'offset.points_per_unit': 'audit.fields.offset_rate',
  'offset.max_rate': 'program.offsetShare',
  'offset.min_order_cents': 'audit.fields.offset_min',
  'offset.step_points': 'program.offsetStep',
  'offset.max_points': 'program.offsetMax',
  'offset.excluded_categories': 'program.offsetExcluded',
  'shop.shipping_cents': 'audit.fields.shipping_fee',
  'shop.free_shipping_from_cents': 'audit.fields.free_from',
  'shop.hold_minutes': 'program.holdMinutes',
  'shop.complete_after_days': 'program.completeDays',
  'clawback.share': 'program.share',
  'clawback.from_other_lots': 'program.otherLots',
  'clawback.debt': 'program.debt',
  'clawback.debt_limit_points': 'program.debtLimit',
  'checkin.base_points': 'checkin.base',
  'checkin.milestones': 'checkin.milestones',
  'checkin.milestones_replace_base': 'checkin.replaceBase',
  'checkin.cycle': 'checkin.cycle',
  'checkin.make_up_points': 'checkin.makeUpPoints',
  'checkin.make_up_per_month': 'checkin.makeUps',
  'adjustments.approval_above_points': 'limits.approvalAbove',
  'adjustments.staff_daily_points': 'limits.staffDaily',
  'adjustments.request_days': 'limits.requestDays',
  'shop.payments': 'audit.fields.shop_payments',
  'shop.offline_zh': 'payments.instructionsZh',
  'shop.offline_en': 'payments.instructionsEn',
  trigger: 'rules.trigger',
  channels: 'rules.channels',
  segments: 'rules.segments',
  starts_at: 'rules.starts',
  ends_at: 'rules.ends',
  funding_source: 'rules.payer',
  priority: 'rules.priority',
  stacking: 'rules.others',
  pending_days: 'rules.pending',
  'reward.kind': 'rules.kind',
  'reward.points': 'rules.points',
  'reward.per_cents': 'rules.perAmount',
  'reward.rate': 'rules.percent',
  'reward.factor': 'rules.factor',
  'reward.per': 'rules.per',
  'reward.template': 'rules.template',
  'limits.total_points': 'rules.total',
  'task.title_zh': 'rules.titleZh',
  'task.title_en': 'rules.titleEn',
  'task.hint_zh': 'rules.hintZh',
  'task.hint_en': 'rules.hintEn',
  'task.claim': 'rules.claim',
  'task.link': 'rules.link',
  brand_color: 'brand.colour',
  logo: 'brand.logo',
  point_name_zh: 'brand.pointNameZh',
  point_name_en: 'brand.pointNameEn',
}

/** Choices that have a word of their own on their page. */
const VALUE_TEXTS: Record<string, string> = {
  'earning.basis': 'program.bases',
  'earning.rounding': 'program.roundings',
  'earning.grant_on': 'program.moments',
  'earning.pending': 'program.pendings',
  'expiry.policy': 'program.policies',
  'clawback.share': 'program.shares',
  'checkin.cycle': 'checkin.cycles',
  stacking: 'rules.stackings',
  'reward.kind': 'rules.kinds',
  'reward.per': 'rules.pers',
  'task.claim': 'rules.claims',
  kind: 'mall.kinds',
  status: 'mall.statuses',
}

/** Facts that link rows together and say nothing to a reader. */
const QUIET = new Set(['transaction_id', 'adjustment_id', 'requested_by'])

interface Texts {
  t: (key: string, named?: Record<string, string | number>) => string
  has: (key: string) => boolean
}

/** The sentence for an action; one this page does not know yet shows its code. */
export function actionText(action: string, { t, has }: Texts): string {
  const key = `audit.actions.${action.replaceAll('.', '_')}`
  return has(key) ? t(key) : action
}

/** What a rule gives and asks for lies deeper: limits by period, conditions by operator. */
function ruleFieldText(field: string, { t }: Texts): string | null {
  const limit = /^limits\.per_member(_points)?\.(day|week|month|ever)$/.exec(field)
  if (limit) return `${t(limit[1] ? 'rules.most' : 'rules.times')} · ${t(`rules.periods.${limit[2]}`)}`
  if (/^conditions(\.|$)/.test(field)) return t('rules.condition')
  if (/^condition(\.|$)/.test(field)) return t('segments.condition')
  if (/^reward\.lines(\.|$)/.test(field)) return t('rules.lines')
  return null
}

export function fieldText(field: string, texts: Texts): string {
  const { t, has } = texts
  const ofRule = ruleFieldText(field, texts)
  if (ofRule !== null) return ofRule
  const key = FIELD_TEXTS[field] ?? `audit.fields.${field.replaceAll('.', '_')}`
  return has(key) ? t(key) : field
}

function numberText(field: string, value: number, format: Pick<Formatter, 'money' | 'points'>): string {
  if (field.endsWith('_cents')) return format.money(value)
  return Number.isInteger(value) ? format.points(value) : String(value)
}

function listText(value: unknown[], { t, has }: Texts): string {
  const texts = value.map((one) => {
    if (one === null || typeof one !== 'object') return String(one)
    const { kind, days, points } = one as Record<string, string | number>
    const key = `checkin.reached.${kind}`
    return has(key) && days !== undefined && points !== undefined ? t(key, { days, value: points }) : Object.values(one).join(' ')
  })
  return texts.join(t('checkin.comma'))
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T/

function triggerText(trigger: string, { t, has }: Texts): string {
  if (trigger.startsWith('custom:')) return t('rules.customTrigger', { name: trigger.slice('custom:'.length) })
  const key = `rules.triggers.${trigger.replaceAll('.', '_')}`
  return has(key) ? t(key) : trigger
}

/** A value as people read it; what was hidden says so. */
export function valueText(field: string, value: unknown, texts: Texts, format: Pick<Formatter, 'money' | 'points' | 'dateTime' | 'percent'>): string {
  const { t, has } = texts
  if (value === null || value === undefined || value === '') return t('audit.nothing')
  if (value === '***') return t('audit.hidden')
  if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no')
  if (field.endsWith('_rate')) return format.percent(Number(value))
  if (typeof value === 'number') return numberText(field, value, format)
  // Which parts of a profile were saved: their names, not their values.
  if (field === 'fields' && Array.isArray(value)) return value.map((one) => fieldText(String(one), texts)).join(t('checkin.comma'))
  if (field === 'trigger') return triggerText(String(value), texts)
  if (Array.isArray(value)) return value.length > 0 ? listText(value, texts) : t('audit.nothing')
  if (typeof value === 'object') return JSON.stringify(value)
  const text = String(value)
  const key = [VALUE_TEXTS[field], 'audit.values'].map((home) => `${home}.${text.replaceAll('.', '_')}`).find(has)
  if (key) return t(key)
  return MOMENT.test(text) ? format.dateTime(text) : text
}

const isEmpty = (value: unknown) => value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** The changes worth showing: what was empty and still is, as in a new item, is not. */
export const shownChanges = (entry: Pick<EntryRow, 'changes'>) =>
  entry.changes.filter((one) => !QUIET.has(one.field) && !(isEmpty(one.old) && isEmpty(one.new)))
