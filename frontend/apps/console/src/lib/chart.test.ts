import { describe, expect, it } from 'vitest'
import { pointsChartOption } from './chart.ts'
import { gaugePoint, gaugeShare, SCALE_END } from './gauge.ts'
import { hue, isLikeGained, secondColour } from './palette.ts'

const PALETTE = { issued: '#111111', spent: '#222222', expired: '#333333', outstanding: '#444444', text: '#555555', line: '#666666', font: 'sans-serif' }
const TEXTS = { issued: 'issued', spent: 'spent', expired: 'expired', outstanding: 'outstanding', exact: (value: number) => `${value} exactly`, short: String, step: (date: string) => date.slice(5) }
const ROWS = [
  { date: '2026-01-01', issued: 100, spent: 40, expired: 5, clawed_back: 0, outstanding: 1000 },
  { date: '2026-01-02', issued: 120, spent: 50, expired: 0, clawed_back: 0, outstanding: 1070 },
]

interface Series {
  name: string
  type: string
  stack?: string
  yAxisIndex?: number
  data: number[]
}

describe('the chart', () => {
  const option = pointsChartOption(ROWS, PALETTE, TEXTS, true)
  const series = option.series as unknown as Series[]

  it('stacks what comes in upwards and what leaves downwards', () => {
    expect(series.filter((one) => one.stack === 'flow').map((one) => [one.name, one.data])).toEqual([
      ['issued', [100, 120]],
      ['spent', [-40, -50]],
      ['expired', [-5, -0]],
    ])
  })

  it('draws what is outstanding as a line on its own axis', () => {
    expect(series.at(-1)).toMatchObject({ type: 'line', yAxisIndex: 1, data: [1000, 1070] })
  })

  it('keeps its tooltip on the canvas and names counts without a sign', () => {
    const tooltip = option.tooltip as { renderMode: string; valueFormatter: (value: number) => string }
    expect(tooltip.renderMode).toBe('richText')
    expect(tooltip.valueFormatter(-40)).toBe('40 exactly')
  })

  it('stands still for those who want no motion', () => {
    expect(pointsChartOption(ROWS, PALETTE, TEXTS, false).animation).toBe(false)
  })
})

describe('colours', () => {
  it('knows hues', () => {
    expect(hue('#ff0000')).toBe(0)
    expect(hue('#00ff00')).toBe(120)
    expect(hue('#0000ff')).toBe(240)
    expect(hue('#808080')).toBe(0)
  })

  it('puts a second colour far from the brand', () => {
    expect(secondColour('#2563c9')).not.toBe('#2563c9')
    expect(secondColour('#d9730d')).not.toBe('#b45309')
  })

  it('sees which brands look like points gained', () => {
    expect(isLikeGained('#2f7d5b')).toBe(true)
    expect(isLikeGained('#d93a2b')).toBe(false)
  })
})

describe('the gauge', () => {
  it('stays on its scale', () => {
    expect(gaugeShare(-1)).toBe(0)
    expect(gaugeShare(SCALE_END / 2)).toBe(0.5)
    expect(gaugeShare(1)).toBe(1)
  })

  it('puts half of the scale at the top', () => {
    const top = gaugePoint(SCALE_END / 2, 80)
    expect(top.x).toBeCloseTo(100)
    expect(top.y).toBeCloseTo(20)
  })
})
