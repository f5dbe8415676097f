import { describe, expect, it } from 'vitest'
import { addressFromName, currencyOf } from './address.ts'

describe('addressFromName', () => {
  it.each([
    ["Mei's Tea House", 'meis-tea-house'],
    ['  Café  Zoë & Co. ', 'cafe-zoe-co'],
    ['24 hours', 'hours'],
    ['茶馆', ''],
    ['x'.repeat(60), 'x'.repeat(40)],
  ])('%s → %s', (name, expected) => {
    expect(addressFromName(name)).toBe(expected)
  })
})

describe('currencyOf', () => {
  it('takes the first region that has one', () => {
    expect(currencyOf(['zh', 'zh-Hans-CN', 'en-US'])).toBe('CNY')
    expect(currencyOf(['en'])).toBeUndefined()
  })
})
