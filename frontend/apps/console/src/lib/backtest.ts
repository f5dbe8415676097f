import type { BacktestIn, ComparisonOut, CountedTierOut, ProgramOut, RuleOut, Stretch } from '@jifen/api/console'
import type { EChartsOption } from 'echarts'

export const DAYS = ['30', '90', '180', '365'] as const

/** What somebody wants to try, as the form holds it; null is as it is now. */
export interface BacktestForm {
  days: (typeof DAYS)[number]
  /** Rules to try as their drafts say. */
  drafts: string[]
  /** Rules to try without. */
  stopped: string[]
  pointsPerStep: number | null
  growthPerStep: number | null
  /** By tier: what would be asked for, and what orders would be multiplied by. */
  tiers: Record<string, { threshold: number | null; multiplier: string }>
}

export const emptyBacktest = (draft = ''): BacktestForm => ({
  days: '90', drafts: draft ? [draft] : [], stopped: [], pointsPerStep: null, growthPerStep: null, tiers: {},
})

/** Rules that could be tried as drafted, and those that could be left out. */
export const withDraft = (rules: RuleOut[]) => rules.filter((rule) => rule.draft && rule.draft.trigger.startsWith('order.'))
export const inForce = (rules: RuleOut[]) => rules.filter((rule) => rule.status === 'live' && rule.document?.trigger.startsWith('order.'))

/** Only what differs from now is proposed. */
export function backtestBody(form: BacktestForm, program: ProgramOut, ladder: CountedTierOut[]): BacktestIn {
  const hasEarning = form.pointsPerStep !== null && form.pointsPerStep !== program.earning.points_per_step
  const hasGrowth = form.growthPerStep !== null && form.growthPerStep !== program.tiers.growth_per_step
  const tiers = ladder.flatMap((tier) => {
    const said = form.tiers[tier.code]
    const threshold = said?.threshold ?? tier.threshold
    const multiplier = said?.multiplier || tier.benefits.earn_multiplier
    const isSame = threshold === tier.threshold && Number(multiplier) === Number(tier.benefits.earn_multiplier)
    return isSame ? [] : [{ code: tier.code, threshold, earn_multiplier: multiplier }]
  })
  return {
    days: Number(form.days),
    rules: [
      ...form.drafts.map((code) => ({ code, as_drafted: true })),
      ...form.stopped.filter((code) => !form.drafts.includes(code)).map((code) => ({ code })),
    ],
    ...(hasEarning && { earning: { points_per_step: form.pointsPerStep } }),
    ...(hasGrowth && { growth: { step_cents: program.tiers.growth_step_cents, per_step: form.growthPerStep! } }),
    ...(tiers.length > 0 && { tiers }),
  }
}

/** Whether there is anything to compare. */
export const proposes = (body: BacktestIn) => Boolean(body.rules?.length || body.earning || body.growth || body.tiers?.length)

/** How much more or less, and as a share of now; null when there was nothing before. */
export const changeOf = (live: number, draft: number) => ({ by: draft - live, rate: live ? (draft - live) / live : null })

export const SPREAD = ['halfLess', 'less', 'bitLess', 'same', 'bitMore', 'more', 'halfMore', 'fromNothing'] as const

/** Members by how their points would change, as bars of at most 100 %. */
export function spreadRows(found: ComparisonOut) {
  const most = Math.max(1, ...found.spread)
  return SPREAD.map((key, at) => ({ key, members: found.spread[at] ?? 0, width: ((found.spread[at] ?? 0) / most) * 100 }))
}

interface Look {
  live: string
  draft: string
  text: string
  line: string
  font: string
}

/** Two lines over time: what was given, and what would have been. */
export function stretchChart(rows: Stretch[], look: Look, texts: { live: string; draft: string; day: (date: string) => string; exact: (value: number) => string; short: (value: number) => string }): EChartsOption {
  const line = { type: 'line', smooth: 0.2, symbol: 'circle', showSymbol: rows.length === 1, symbolSize: 6 } as const
  return {
    animation: false,
    textStyle: { fontFamily: look.font },
    grid: { left: 0, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    // Tooltips in HTML carry style attributes, which the content security policy refuses.
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, valueFormatter: (value) => texts.exact(Number(value)) },
    xAxis: { type: 'category', data: rows.map((row) => texts.day(row.starts_on)), axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } }, axisLabel: { color: look.text, hideOverlap: true } },
    yAxis: { type: 'value', splitNumber: 4, axisLabel: { color: look.text, formatter: texts.short }, splitLine: { lineStyle: { color: look.line } } },
    series: [
      { ...line, name: texts.live, data: rows.map((row) => row.live_points), itemStyle: { color: look.live }, lineStyle: { width: 2, type: 'dashed' } },
      { ...line, name: texts.draft, data: rows.map((row) => row.draft_points), itemStyle: { color: look.draft }, lineStyle: { width: 2.5 } },
    ],
  }
}

interface SaidRule {
  code: string
  document: { name: string } | null
}

/** A proposal in a few words, as its title. */
export function proposalWords(proposal: Record<string, unknown>, t: (key: string, named?: Record<string, string>) => string): string {
  const rules = (proposal['rules'] ?? []) as SaidRule[]
  const words = rules.map((rule) => (rule.document ? t('trials.said.rule', { name: rule.document.name }) : t('trials.said.stop', { code: rule.code })))
  if (proposal['earning']) words.push(t('trials.said.earning'))
  if (proposal['growth']) words.push(t('trials.said.growth'))
  if ((proposal['tiers'] as unknown[] | undefined)?.length) words.push(t('trials.said.tiers'))
  return words.join(' · ') || t('trials.one')
}
