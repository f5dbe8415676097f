import { describe, expect, it } from 'vitest'
import { currencyDigits, majorUnits } from './currency.ts'
import { createFormatter, daysUntil } from './format.ts'

const shanghai = createFormatter({ locale: 'zh-hans', currency: 'CNY', timezone: 'Asia/Shanghai' })
const newYork = createFormatter({ locale: 'en', currency: 'USD', timezone: 'America/New_York' })

describe('points', () => {
  it('groups thousands and uses a real minus sign', () => {
    expect(shanghai.points(1234567)).toBe('1,234,567')
    expect(shanghai.points(-40)).toBe('−40')
  })

  it('signs what was gained and spent, and leaves zero alone', () => {
    expect([240, -300, 0].map((amount) => newYork.signed(amount))).toEqual(['+240', '−300', '0'])
  })

  it('shortens large numbers the way the language does', () => {
    expect(shanghai.compact(12_000)).toBe('1.2万')
    expect(newYork.compact(12_000)).toBe('12K')
  })
})

describe('money', () => {
  it('shows the merchant currency with its decimals', () => {
    expect(shanghai.money(1990)).toBe('¥19.90')
    expect(newYork.money(123_456)).toBe('$1,234.56')
  })

  it('drops empty decimals only when asked and only when they are empty', () => {
    expect(shanghai.money(2000, { short: true })).toBe('¥20')
    expect(shanghai.money(1990, { short: true })).toBe('¥19.90')
    expect(shanghai.money(2000)).toBe('¥20.00')
  })

  it('knows currencies without and with three decimals', () => {
    expect(currencyDigits('JPY')).toBe(0)
    expect(majorUnits(1500, 'JPY')).toBe(1500)
    expect(majorUnits(1500, 'KWD')).toBe(1.5)
    expect(newYork.money(1500, { currency: 'KWD' })).toBe('KWD\u00a01.500')
  })

  it('counts as ISO 4217 does where browsers count otherwise', () => {
    expect(['HUF', 'IDR', 'COP', 'PKR', 'IQD', 'xof'].map(currencyDigits)).toEqual([2, 2, 2, 2, 3, 0])
    expect(newYork.money(123_456, { currency: 'HUF' })).toBe('Ft\u00a01,234.56')
  })
})

describe('dates', () => {
  it('are those of the merchant, not of the visitor', () => {
    const instant = '2026-11-30T17:30:00Z'
    expect(shanghai.date(instant)).toBe('2026年12月1日')
    expect(newYork.date(instant)).toBe('Nov 30, 2026')
  })

  it('keep a birthday the same day in every zone', () => {
    expect(createFormatter({ locale: 'en', currency: 'USD', timezone: 'Pacific/Kiritimati' }).plainDate('1990-02-28')).toBe('Feb 28, 1990')
    expect(newYork.plainDate('1990-02-28')).toBe('Feb 28, 1990')
  })

  it('name a month by its number', () => {
    expect(shanghai.month('2026-11')).toBe('2026年11月')
    expect(newYork.monthShort('2026-01')).toBe('Jan')
  })

  it('count calendar days in the merchant zone', () => {
    const lateEvening = new Date('2026-11-21T15:30:00Z')
    expect(daysUntil('2026-11-21T16:30:00Z', 'Asia/Shanghai', lateEvening)).toBe(1)
    expect(daysUntil('2026-11-21T16:30:00Z', 'UTC', lateEvening)).toBe(0)
  })

  it('say how long ago in words', () => {
    const now = new Date('2026-11-21T12:00:00Z')
    expect(newYork.relative('2026-11-20T12:00:00Z', now)).toBe('yesterday')
    expect(newYork.relative('2026-11-21T11:50:00Z', now)).toBe('10 minutes ago')
    expect(shanghai.relative('2026-11-24T12:00:00Z', now)).toBe('3天后')
  })
})
