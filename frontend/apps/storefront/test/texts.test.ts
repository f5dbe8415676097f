import './page.ts'
import { ApiError } from '@jifen/api'
import { describe, expect, it } from 'vitest'
import { addressErrors, emptyAddress } from '../src/address.ts'
import { loadMessages, t } from '../src/i18n.ts'
import en from '../src/locales/en.ts'
import zh from '../src/locales/zh-CN.ts'
import { errorText } from '../src/texts.ts'

type Tree = { [key: string]: string | Tree }

const flat = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`)))
/** The word for points is left out where a language needs none; 95 % of a price are 9.5 折 in Chinese and 5 % off in English. */
const WORDS = new Set(['point', 'unit'])
const placeholders = (text: string) =>
  [...new Set(Array.from(text.matchAll(/\{(\w+)\}/g), (found) => (found[1] === 'fold' ? 'off' : found[1]!)))].filter((name) => !WORDS.has(name)).toSorted()

describe('both languages', () => {
  const english = new Map(flat(en))

  it.each(flat(zh))('%s says the same with the same placeholders', (key, text) => {
    const translated = english.get(key)!
    expect(translated.trim()).not.toBe('')
    expect(/\p{Script=Han}/u.test(translated)).toBe(false)
    expect(placeholders(translated)).toEqual(placeholders(text))
  })
})

describe('texts', () => {
  it('call points what the merchant calls them', () => {
    expect(t('home.pending', { n: '240' })).toBe('240 积分待生效')
  })

  it('count in English', async () => {
    await loadMessages('en')
    expect([0, 1, 2].map((n) => t('lots.days', { n }, n))).toEqual(['expires today', '1 day left', '2 days left'])
    await loadMessages('zh-hans')
  })

  it('give the server its own words, and ours when it has none', () => {
    expect(errorText(new ApiError({ status: 409, code: 'x', detail: '已兑完' }))).toBe('已兑完')
    expect(errorText(new ApiError({ status: 0, code: 'client.offline' }))).toBe(zh.error.offline)
    expect(errorText(new Error('x'))).toBe(zh.error.unknown)
  })
})

describe('an address', () => {
  it('needs every field and a phone number that can be one', () => {
    expect(Object.keys(addressErrors(emptyAddress()))).toEqual(['name', 'phone', 'region', 'line'])
    expect(addressErrors({ name: '林晓', phone: '138 0000 6021', region: '杭州', line: '1 号' })).toEqual({})
    expect(addressErrors({ name: '林晓', phone: 'abc', region: '杭州', line: '1 号' })).toEqual({ phone: zh.redeem.phoneInvalid })
  })
})
