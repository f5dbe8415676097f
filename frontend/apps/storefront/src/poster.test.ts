import { expect, test } from 'vitest'
import { wrapText } from './poster.ts'

/** Latin letters are one wide, Chinese ones two. */
const measure = (text: string) => [...text].reduce((sum, sign) => sum + (sign > '\u2e80' ? 2 : 1), 0)

test('English breaks between words', () => {
  expect(wrapText('Mei invites you to Tea House', 12, measure)).toEqual(['Mei invites', 'you to Tea', 'House'])
})

test('Chinese breaks between any two signs', () => {
  expect(wrapText('首单完成后你得50积分', 10, measure)).toEqual(['首单完成后', '你得50积分'])
})

test('a word too long for a line stands alone', () => {
  expect(wrapText('a Donaudampfschiff', 8, measure)).toEqual(['a', 'Donaudampfschiff'])
  expect(wrapText('', 8, measure)).toEqual([])
})
