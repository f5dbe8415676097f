import { describe, expect, it } from 'vitest'
import { adviceFrom } from './advice.ts'
import { type FinderPage, findings } from './finder.ts'
import { flowOf, groupByDay } from './ledger.ts'
import { ITEM_PICTURES, LOGOS } from './pictures.ts'
import { pictureCode } from '@jifen/shared'
import { grants } from '../session.ts'
import en from '../locales/en.ts'
import zh from '../locales/zh-CN.ts'

const even = { value: 100, previous: 100 }
const figures = {
  issued_points: even,
  spent_points: even,
  expired_points: { value: 0, previous: 0 },
  clawed_back_points: even,
  outstanding_points: even,
  liability_cents: even,
  redemption_rate: { value: 0.4, previous: 0.4 },
  active_members: even,
  orders_with_points: even,
  new_members: even,
}

describe('advice', () => {
  const keys = (changes: Partial<typeof figures>) => adviceFrom({ figures: { ...figures, ...changes } }).map((one) => one.key)

  it('praises what is healthy and starts what is empty', () => {
    expect(keys({})).toEqual(['healthy'])
    const none = { value: 0, previous: 0 }
    expect(keys({ issued_points: none, outstanding_points: none })).toEqual(['start'])
  })

  it('names what the figures show', () => {
    expect(keys({ redemption_rate: { value: 0.2, previous: 0.3 }, expired_points: { value: 30, previous: 0 } })).toEqual(['low_rate', 'expiring_away'])
    expect(keys({ spent_points: { value: 80, previous: 100 }, issued_points: { value: 80, previous: 100 } })).toEqual(['spending_falls', 'issuing_falls'])
  })
})

describe('palette', () => {
  const page: FinderPage = { name: 'api-keys', title: 'API 密钥', icon: {} }
  const format = { points: String, money: String }

  it('finds pages by their name in any case', () => {
    expect(findings('api', [page], [], [], format).map((one) => one.title)).toEqual(['API 密钥'])
    expect(findings('密钥', [page], [], [], format)).toHaveLength(1)
    expect(findings('茶', [page], [], [], format)).toHaveLength(0)
  })
})

describe('ledger', () => {
  it('gathers rows by the shop’s day', () => {
    const rows = [{ occurred_at: '2026-01-01T17:00:00Z' }, { occurred_at: '2026-01-01T16:30:00Z' }, { occurred_at: '2026-01-01T15:00:00Z' }]
    expect(groupByDay(rows, 'Asia/Shanghai').map((day) => [day.date, day.rows.length])).toEqual([['2026-01-02', 2], ['2026-01-01', 1]])
  })

  it('tells what a row does', () => {
    expect(flowOf({ amount: 5, is_pending: true })).toBe('waiting')
    expect(flowOf({ amount: 0, is_pending: false })).toBe('moved')
    expect(flowOf({ amount: 5, is_pending: false })).toBe('gained')
    expect(flowOf({ amount: -5, is_pending: false })).toBe('spent')
  })
})

describe('permissions', () => {
  it('let writers read, and owners do everything', () => {
    expect(grants(['members:write'], 'members:read')).toBe(true)
    expect(grants(['members:read'], 'members:write')).toBe(false)
    expect(grants(['*'], 'settings:write')).toBe(true)
    expect(grants([], 'mall:read')).toBe(false)
  })
})

describe('texts', () => {
  const paths = (tree: object, prefix = ''): string[] =>
    Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [prefix + key] : paths(value as object, `${prefix}${key}.`)))

  it('exist in both languages, with no Chinese left in the English', () => {
    expect(paths(en)).toEqual(paths(zh))
    const texts = paths(en).map((path) => path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], en) as string)
    expect(texts.filter((text) => /\p{Script=Han}/u.test(text))).toEqual([])
  })

  it('name every picture that can be chosen', () => {
    const named = Object.keys(zh.pictures)
    expect([...ITEM_PICTURES, ...LOGOS.map(pictureCode)].filter((code) => !named.includes(code))).toEqual([])
  })
})
