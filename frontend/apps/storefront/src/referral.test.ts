import { beforeEach, expect, test } from 'vitest'
import { forgetCode, keepCode, keptCode, normaliseCode } from './referral.ts'

const NOW = 1_767_225_600_000
const DAY = 86_400_000

beforeEach(() => localStorage.clear())

test('a code is kept for thirty days', () => {
  expect(keepCode('k7m-2p9q', NOW)).toBe('K7M2P9Q')
  expect(keptCode(NOW + 30 * DAY - 1)).toBe('K7M2P9Q')
  expect(keptCode(NOW + 30 * DAY)).toBe('')
})

test('the first code stays, until it is forgotten or over', () => {
  keepCode('FIRST22', NOW)
  expect(keepCode('SECOND3', NOW + DAY)).toBe('FIRST22')
  expect(keepCode('SECOND3', NOW + 31 * DAY)).toBe('SECOND3')
  forgetCode()
  expect(keptCode(NOW + 31 * DAY)).toBe('')
})

test('what somebody else wrote into the store is no code', () => {
  localStorage.setItem('jf_referral', '{"code": 5}')
  expect(keptCode(NOW)).toBe('')
  localStorage.setItem('jf_referral', 'not json')
  expect(keptCode(NOW)).toBe('')
})

test('codes are written in any way', () => {
  expect(normaliseCode(' k7m 2p9q ')).toBe('K7M2P9Q')
  expect(normaliseCode('<script>')).toBe('SCRIPT')
})
