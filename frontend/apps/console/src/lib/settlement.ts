import type { SettlementItem } from '@jifen/api/console'
import type { EChartsOption } from 'echarts'

export const COLUMNS = [
  'issued_points', 'spent_points', 'returned_points', 'expired_points', 'clawed_back_points', 'taken_points', 'debt_points', 'transferred_points', 'outstanding_points', 'cost_cents', 'offset_cents', 'coupon_cents',
] as const
export const MONEY = ['cost_cents', 'offset_cents', 'coupon_cents'] as const
export const isMoney = (column: string): boolean => (MONEY as readonly string[]).includes(column)
type NoFigure = 'outstanding_points' | (typeof MONEY)[number]
/** Figures that are made of transactions of the month, which can be listed. */
export const FIGURES = COLUMNS.filter((column): column is SettlementFigure => column !== 'outstanding_points' && !isMoney(column))
export type SettlementFigure = Exclude<(typeof COLUMNS)[number], NoFigure>
export const isFigure = (column: string): column is SettlementFigure => (FIGURES as readonly string[]).includes(column)
export type SettlementColumn = (typeof COLUMNS)[number]
export type SettlementTotals = Record<SettlementColumn, number>

/** All sources together. */
export const totalsOf = (items: SettlementItem[]): SettlementTotals =>
  Object.fromEntries(COLUMNS.map((column) => [column, items.reduce((sum, item) => sum + item[column], 0)])) as SettlementTotals

/** Whether anything moved, or is still out. */
export const isEmptyMonth = (items: SettlementItem[]): boolean => items.every((item) => COLUMNS.every((column) => item[column] === 0))

interface Look {
  issued: string
  spent: string
  expired: string
  text: string
  line: string
  font: string
}

/** A bar to the right for what was issued, one to the left for what was spent and what expired, for each source. */
export function settlementChart(items: SettlementItem[], look: Look, texts: { issued: string; spent: string; expired: string; exact: (value: number) => string; short: (value: number) => string }): EChartsOption {
  const bar = { type: 'bar', stack: 'flow', barMaxWidth: 26 } as const
  return {
    animation: false,
    textStyle: { fontFamily: look.font },
    grid: { left: 0, right: 8, top: 8, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    // Tooltips in HTML carry style attributes, which the content security policy refuses.
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' }, valueFormatter: (value) => texts.exact(Math.abs(Number(value))) },
    xAxis: { type: 'value', splitNumber: 4, axisLabel: { color: look.text, formatter: (value: number) => texts.short(Math.abs(value)) }, splitLine: { lineStyle: { color: look.line } } },
    yAxis: { type: 'category', inverse: true, data: items.map((item) => item.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: look.text, width: 110, overflow: 'truncate' } },
    series: [
      { ...bar, name: texts.issued, data: items.map((item) => item.issued_points), itemStyle: { color: look.issued } },
      { ...bar, name: texts.spent, data: items.map((item) => -item.spent_points), itemStyle: { color: look.spent } },
      { ...bar, name: texts.expired, data: items.map((item) => -item.expired_points), itemStyle: { color: look.expired } },
    ],
  }
}
