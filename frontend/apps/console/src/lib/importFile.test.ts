import { describe, expect, it } from 'vitest'
import { guessMapping, inParts, toRows } from './importColumns.ts'
import { cellText, decodeText, readTable } from './importFile.ts'

/** “会员号,姓名\r\nV-1,李梅” as Excel in China saves it. */
const GBK = [0xbb, 0xe1, 0xd4, 0xb1, 0xba, 0xc5, 0x2c, 0xd0, 0xd5, 0xc3, 0xfb, 0x0d, 0x0a, 0x56, 0x2d, 0x31, 0x2c, 0xc0, 0xee, 0xc3, 0xb7]
const fileOf = (...parts: BlobPart[]) => new File(parts, 'members.csv')
const FIELDS = [{ code: 'taste', name_zh: '口味', name_en: 'Taste' }]

describe('reading a file', () => {
  it.each([
    ['UTF-8', new TextEncoder().encode('会员号')],
    ['UTF-8 with its mark', new TextEncoder().encode('\uFEFF会员号')],
    ['GBK', new Uint8Array(GBK.slice(0, 6))],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x1a, 0x4f, 0x58, 0x54, 0xf7, 0x53])],
  ])('understands %s', (_, bytes) => {
    expect(decodeText(bytes).replace('\uFEFF', '')).toBe('会员号')
  })

  it('reads a CSV from Chinese Excel', async () => {
    expect(await readTable(fileOf(new Uint8Array(GBK)))).toEqual({ header: ['会员号', '姓名'], rows: [['V-1', '李梅']] })
  })

  it('keeps quoted commas, lines within a cell, and leaves out empty lines', async () => {
    const table = await readTable(fileOf('\uFEFFid;name\r\n1;"a;b ""c"""\r\n;\r\n\r\n2;"x\ny"\r\n'))
    expect(table).toEqual({ header: ['id', 'name'], rows: [['1', 'a;b "c"'], ['2', 'x\ny']] })
  })

  it('writes days of a sheet as days and numbers in full', () => {
    expect([new Date('2026-12-31T00:00:00Z'), new Date('2026-12-31T08:30:00Z'), 13_800_000_001, true, null].map(cellText)).toEqual([
      '2026-12-31', '2026-12-31 08:30:00', '13800000001', 'true', '',
    ])
  })
})

describe('recognising columns', () => {
  it('knows headings of both languages and the shop’s own fields, each meaning once', () => {
    expect(guessMapping(['会员号', '手机号码', '积分余额', '有效期至', '口味', '备注'], FIELDS)).toEqual([
      'external_id', 'phone', 'points', 'expires_at', 'custom.taste', '',
    ])
    expect(guessMapping(['Member ID', 'E-mail', 'Points', 'points', 'valid_until', ''], FIELDS)).toEqual([
      'external_id', 'email', 'points', '', 'expires_at', '',
    ])
  })

  it('knows what other systems call the same', () => {
    expect(guessMapping(['Card No.', 'Customer name', 'Mobile number', 'Expiry date', 'Paid by'], [])).toEqual([
      'external_id', 'name', 'phone', 'expires_at', 'funding_source',
    ])
    expect(guessMapping(['客户编号', '到期时间'], [])).toEqual(['external_id', 'expires_at'])
  })

  it('makes rows as the API takes them', () => {
    const table = { header: ['a', 'b', 'c', 'd'], rows: [['V-1', '', '茉莉', 'x'], ['V-2', '5']] }
    expect(toRows(table, ['external_id', 'points', 'custom.taste', ''])).toEqual([
      { external_id: 'V-1', custom: { taste: '茉莉' } },
      { external_id: 'V-2', points: '5' },
    ])
  })

  it('cuts rows into parts', () => {
    expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(inParts([], 2)).toEqual([])
  })
})
