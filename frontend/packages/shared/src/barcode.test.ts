import { describe, expect, it } from 'vitest'
import { code128 } from './barcode.ts'

describe('code 128', () => {
  it('packs digits in pairs: start, four pairs, check, stop', () => {
    expect(code128('83920417').width).toBe(11 * 6 + 13)
  })

  it('takes other printable text one character a symbol', () => {
    expect(code128('JF1').width).toBe(11 * 5 + 13)
  })

  it('starts and ends with a bar and never overlaps', () => {
    const { bars, width } = code128('00112233')
    expect(bars[0]).toEqual({ x: 0, width: 2 })
    expect(bars.at(-1)!.x + bars.at(-1)!.width).toBe(width)
    for (const [place, bar] of bars.slice(1).entries()) expect(bar.x).toBeGreaterThan(bars[place]!.x + bars[place]!.width)
  })

  it('computes the check symbol of the standard example', () => {
    // in code set B: (104 + 48 + 84 + 126 + 68 + 90 + 114 + 245) mod 103 = 55, drawn as 311321
    const check = code128('PJJ123C').bars.slice(-7, -4).map((bar) => bar.width)
    expect(check).toEqual([3, 1, 2])
  })

  it('draws every symbol eleven modules wide and no two alike', () => {
    const drawn = Array.from({ length: 95 }, (_, index) => code128(String.fromCharCode(32 + index)))
    expect(new Set(drawn.map(({ width }) => width))).toEqual(new Set([11 * 3 + 13]))
    const second = drawn.map(({ bars }) => JSON.stringify(bars.slice(3, 6)))
    expect(new Set(second).size).toBe(95)
  })

  it('refuses what a scanner could not read', () => {
    expect(() => code128('积分')).toThrow(RangeError)
  })
})
