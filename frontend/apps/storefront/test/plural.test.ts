import './page.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { bootstrap } from '../src/boot.ts'
import { loadMessages, t } from '../src/i18n.ts'

describe('numbers of points in words', () => {
  beforeEach(() => {
    bootstrap.merchant.point_name = 'points'
    bootstrap.merchant.point_name_one = 'point'
  })

  it('says one point, and two points', async () => {
    await loadMessages('en')
    expect(t('mall.missing', { n: '1' })).toBe('1 point to go')
    expect(t('mall.missing', { n: '2' })).toBe('2 points to go')
    expect(t('mall.missing', { n: '0' })).toBe('0 points to go')
    expect(t('mall.missing', { n: '1,001' })).toBe('1,001 points to go')
  })

  it('makes the verb agree', async () => {
    await loadMessages('en')
    expect(t('lots.ending', { n: '1', days: 30 })).toBe('1 point ends within 30 days')
    expect(t('lots.ending', { n: '240', days: 30 })).toBe('240 points end within 30 days')
  })
})
