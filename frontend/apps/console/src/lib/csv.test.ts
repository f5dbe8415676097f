import { describe, expect, it } from 'vitest'
import { csvCell, toCsv } from './csv.ts'
import { memberCsvHeader, memberCsvRow } from './memberCsv.ts'

describe('a cell', () => {
  it.each(['=1+1', '+1', '-2', '@SUM(A1)', '\tx', '\rx', '＝1', '＠x', '  =1'])('never starts a formula: %j', (text) => {
    expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/)
  })

  it('keeps numbers numbers, also negative ones', () => {
    expect(csvCell(-86)).toBe('-86')
    expect(csvCell(0)).toBe('0')
  })

  it('quotes what would break the row', () => {
    expect(csvCell('a,b')).toBe('"a,b"')
    expect(csvCell('say "tea"')).toBe('"say ""tea"""')
    expect(csvCell('two\nlines')).toBe('"two\nlines"')
  })

  it('is empty for nothing', () => {
    expect(csvCell(null)).toBe('')
    expect(csvCell(undefined)).toBe('')
  })
})

it('makes a file Excel reads as UTF-8', () => {
  expect(toCsv(['会员', '积分'], [['林小满', 12]])).toBe('\uFEFF会员,积分\r\n林小满,12\r\n')
})

it('writes a member in as many cells as the header has', () => {
  const row = {
    id: '1',
    external_id: 'M1',
    name: '=cmd()',
    phone: null,
    email: null,
    joined_at: '2026-01-01T00:00:00+08:00',
    points: { available: 5, pending: 0, held: 0, debt: 2, lifetime_earned: 9 },
    orders_count: 1,
    spent_cents: 1200,
    last_order_at: null,
  }
  const cells = memberCsvRow(row, { money: () => '¥12.00', dateTime: () => 'then' })
  expect(cells).toHaveLength(memberCsvHeader((key) => key).length)
  expect(cells.slice(0, 3)).toEqual(['M1', '=cmd()', null])
  expect(toCsv([], [cells])).toContain("'=cmd()")
})
