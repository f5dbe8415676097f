/** Periods of the dashboard: calendar days as `YYYY-MM-DD`, counted in the merchant's time zone. */

export const PRESETS = ['7d', '30d', '90d', 'month', 'last_month', 'year'] as const
export type Preset = (typeof PRESETS)[number]

export interface Period {
  preset: Preset | 'custom'
  from: string
  to: string
}

const DAY_MS = 86_400_000
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/

const toUtc = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const fromUtc = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Whether the text is a day that exists in the calendar. */
export function isDay(text: unknown): text is string {
  return typeof text === 'string' && ISO_DAY.test(text) && !Number.isNaN(toUtc(text)) && fromUtc(toUtc(text)) === text
}

/** The day it is now where the shop is. */
export function todayIn(timeZone: string, now: Date = new Date()): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return parts.format(now)
}

const addDays = (day: string, days: number): string => fromUtc(toUtc(day) + days * DAY_MS)

/** Number of days in a period, both ends counted. */
export const daysBetween = (from: string, to: string): number => Math.round((toUtc(to) - toUtc(from)) / DAY_MS) + 1

const monthStart = (day: string): string => `${day.slice(0, 7)}-01`

/** The days a preset stands for when today is `today`. */
export function presetDays(preset: Preset, today: string): { from: string; to: string } {
  switch (preset) {
    case '7d':
      return { from: addDays(today, -6), to: today }
    case '30d':
      return { from: addDays(today, -29), to: today }
    case '90d':
      return { from: addDays(today, -89), to: today }
    case 'month':
      return { from: monthStart(today), to: today }
    case 'last_month': {
      const lastDay = addDays(monthStart(today), -1)
      return { from: monthStart(lastDay), to: lastDay }
    }
    case 'year':
      return { from: addDays(today, -364), to: today }
  }
}

/** Reads the period out of the address; anything that makes no sense becomes the last 90 days. */
export function periodFromQuery(query: Record<string, unknown>, today: string): Period {
  const { period, from, to } = query
  if (isDay(from) && isDay(to) && from <= to) return { preset: 'custom', from, to }
  const preset = PRESETS.find((known) => known === period) ?? '90d'
  return { preset, ...presetDays(preset, today) }
}

/** What the address says about a period; the default leaves the address clean. */
export function periodToQuery(period: Period): Record<string, string | undefined> {
  if (period.preset === 'custom') return { period: undefined, from: period.from, to: period.to }
  return { period: period.preset === '90d' ? undefined : period.preset, from: undefined, to: undefined }
}

/** The period of equal length right before. */
export function previousPeriod(period: { from: string; to: string }): { from: string; to: string } {
  const to = addDays(period.from, -1)
  return { from: addDays(to, 1 - daysBetween(period.from, period.to)), to }
}
