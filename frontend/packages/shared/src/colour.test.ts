import { describe, expect, it } from 'vitest'
import { brandText, contrast, onBrand, parseHex, toHex } from './colour.ts'

describe('colours', () => {
  it('reads #rrggbb and nothing else', () => {
    expect(parseHex('#1F7a4d')).toEqual([31, 122, 77])
    for (const text of ['red', '#fff', '#12345g', 'url(x)', '#123456;}']) expect(parseHex(text)).toBeNull()
  })

  it('writes what it reads', () => {
    expect(toHex(parseHex('#f9e784')!)).toBe('#f9e784')
  })

  it('measures contrast as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#ffffff', '#ffffff')).toBe(1)
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
  })

  it.each(['#d93025', '#1f7a4d', '#f9e784', '#ffffff', '#000000', '#808080'])('keeps text readable on and beside %s', (brand) => {
    expect(contrast(brand, onBrand(brand))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(brandText(brand), '#ffffff')).toBeGreaterThanOrEqual(4.5)
  })
})
