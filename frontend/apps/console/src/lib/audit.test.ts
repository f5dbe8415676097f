import { describe, expect, it } from 'vitest'
import en from '../locales/en.ts'
import zh from '../locales/zh-CN.ts'
import { actionText, fieldText, pageOf, shownChanges, valueText } from './audit.ts'
import { FIELD_TEXTS, VALUE_TEXTS } from './auditFields.ts'

const KNOWN = new Set(['audit.actions.program_changed', 'program.policies.never', 'program.policy'])
const texts = { t: (key: string) => `[${key}]`, has: (key: string) => KNOWN.has(key) }
const format = {
  money: (cents: number) => `$${cents / 100}`,
  points: (value: number) => value.toLocaleString('en'),
  dateTime: (value: string) => value.slice(0, 10),
  percent: (value: number) => `${value * 100}%`,
}
const value = (field: string, of: unknown) => valueText(field, of, texts, format)

describe('lines of the audit log', () => {
  it('says what it knows in words and shows the code of what it does not', () => {
    expect(actionText('program.changed', texts)).toBe('[audit.actions.program_changed]')
    expect(actionText('game.opened', texts)).toBe('game.opened')
    expect(fieldText('expiry.policy', texts)).toBe('[program.policy]')
    expect(fieldText('budget.limit', texts)).toBe('budget.limit')
  })

  it('shows values as people read them', () => {
    expect(value('earning.step_cents', 10_000)).toBe('$100')
    expect(value('points', 12_000)).toBe('12,000')
    expect(value('offset.max_rate', '0.5')).toBe('50%')
    expect(value('expiry.policy', 'never')).toBe('[program.policies.never]')
    expect(value('clawback.debt', false)).toBe('[audit.no]')
    expect(value('phone', '***')).toBe('[audit.hidden]')
    expect(value('phone', '')).toBe('[audit.nothing]')
    expect(value('checkin.base_points', [1, 2])).toBe('1[checkin.comma]2')
    expect(value('checkin.milestones', [{ kind: 'continuous', days: 7, points: 20 }])).toBe('continuous 7 20')
    expect(value('fields', ['phone', 'stamp'])).toBe('phone[checkin.comma]stamp')
    expect(value('trigger', 'custom:tasting')).toBe('[rules.customTrigger]')
    expect(value('now', '2027-01-01T00:00:00Z')).toBe('2027-01-01')
  })

  it('names settings by texts that are there, in both languages', () => {
    const find = (texts: unknown, key: string) => key.split('.').reduce((tree, word) => (tree as Record<string, unknown> | undefined)?.[word], texts)
    for (const texts of [en, zh]) {
      expect(Object.values(FIELD_TEXTS).filter((key) => typeof find(texts, key) !== 'string')).toEqual([])
      expect(Object.values(VALUE_TEXTS).filter((key) => typeof find(texts, key) !== 'object')).toEqual([])
    }
    const known = { t: (key: string) => key, has: (key: string) => find(en, key) !== undefined }
    expect(fieldText('cash.enabled', known)).toBe('cashSettings.enabled')
    expect(fieldText('cash.points_per_unit', known)).toBe('settingsLog.cash_points_per_unit')
    expect(fieldText('transfers.enabled', known)).toBe('audit.fields.transfers_enabled')
    expect(valueText('cash.payout', 'stripe', known, format)).toBe('withdrawals.providers.stripe')
    expect(valueText('distribution.category_rates', [{ category: 'Tea', level1_rate: '0.5', level2_rate: '0.25' }], known, format)).toBe('Tea 50% / 25%')
  })

  it('leaves out what was empty and still is, and what only links rows', () => {
    const change = (field: string, old: unknown, now: unknown) => ({ field, old, new: now })
    const changes = [change('image', null, ''), change('stock', 20, null), change('transaction_id', null, '7'), change('points', null, 0)]
    expect(shownChanges({ changes }).map((one) => one.field)).toEqual(['stock', 'points'])
  })

  it('knows which subjects have a page', () => {
    expect(pageOf('member:1')).toEqual({ name: 'member', params: { id: '1' } })
    expect(pageOf('earning_rule:friday')).toEqual({ name: 'rule', params: { code: 'friday' } })
    expect(pageOf('program')).toBeNull()
    expect(pageOf('api_key:1')).toBeNull()
  })
})
