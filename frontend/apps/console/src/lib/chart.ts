import type { EChartsOption } from 'echarts'
import type { SeriesRow } from '@jifen/api/console'

export interface ChartPalette {
  issued: string
  spent: string
  expired: string
  outstanding: string
  text: string
  line: string
  font: string
}

export interface ChartTexts {
  issued: string
  spent: string
  expired: string
  outstanding: string
  /** A count as a person reads it in full. */
  exact: (value: number) => string
  /** A count short enough for an axis. */
  short: (value: number) => string
  /** The label of a step of the time axis. */
  step: (date: string) => string
}

const BAR = { type: 'bar', stack: 'flow', barMaxWidth: 22, barCategoryGap: '38%' } as const

/** What left the programme is drawn downwards but named as a plain count. */
function tooltipOption(palette: ChartPalette, texts: ChartTexts): EChartsOption['tooltip'] {
  return {
    trigger: 'axis',
    // Tooltips in HTML carry style attributes, which the content security policy refuses.
    renderMode: 'richText',
    confine: true,
    backgroundColor: '#fff',
    borderColor: palette.line,
    borderWidth: 1,
    padding: [10, 14],
    axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(22, 25, 31, 0.04)' } },
    textStyle: { color: palette.text, fontSize: 13 },
    valueFormatter: (value) => texts.exact(Math.abs(Number(value))),
  }
}

function axes(rows: SeriesRow[], palette: ChartPalette, texts: ChartTexts): Pick<EChartsOption, 'xAxis' | 'yAxis'> {
  const label = { color: palette.text, fontSize: 12, formatter: (value: number) => texts.short(Math.abs(value)) }
  return {
    xAxis: {
      type: 'category',
      data: rows.map((row) => texts.step(row.date)),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: palette.text, fontSize: 12, margin: 12, hideOverlap: true },
    },
    yAxis: [
      { type: 'value', splitNumber: 4, axisLabel: label, splitLine: { lineStyle: { color: palette.line } } },
      { type: 'value', splitNumber: 4, min: 0, axisLabel: label, splitLine: { show: false } },
    ],
  }
}

/** Points that came in as bars upwards, points that left as bars downwards, what is outstanding as a line. */
export function pointsChartOption(rows: SeriesRow[], palette: ChartPalette, texts: ChartTexts, animated: boolean): EChartsOption {
  const top: [number, number, number, number] = [4, 4, 0, 0]
  const bottom: [number, number, number, number] = [0, 0, 4, 4]
  return {
    animation: animated,
    animationDuration: 250,
    textStyle: { fontFamily: palette.font },
    grid: { left: 0, right: 0, top: 16, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltipOption(palette, texts),
    ...axes(rows, palette, texts),
    series: [
      { ...BAR, name: texts.issued, data: rows.map((row) => row.issued), itemStyle: { color: palette.issued, borderRadius: top } },
      { ...BAR, name: texts.spent, data: rows.map((row) => -row.spent), itemStyle: { color: palette.spent } },
      { ...BAR, name: texts.expired, data: rows.map((row) => -row.expired), itemStyle: { color: palette.expired, borderRadius: bottom } },
      {
        name: texts.outstanding,
        type: 'line',
        yAxisIndex: 1,
        data: rows.map((row) => row.outstanding),
        smooth: 0.25,
        symbol: 'circle',
        symbolSize: 6,
        showSymbol: false,
        lineStyle: { width: 2.5, color: palette.outstanding },
        itemStyle: { color: palette.outstanding },
      },
    ],
  }
}
