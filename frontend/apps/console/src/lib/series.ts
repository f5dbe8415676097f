import type { SeriesRow } from '@jifen/api/console'
import { daysBetween } from './period.ts'

export const GRAINS = ['day', 'week', 'month'] as const
export type Grain = (typeof GRAINS)[number]

const SHORTEST_BY_WEEK = 46
const SHORTEST_BY_MONTH = 200

/** The finest step at which a period still reads well. */
export function grainFor(from: string, to: string): Grain {
  const days = daysBetween(from, to)
  if (days >= SHORTEST_BY_MONTH) return 'month'
  return days >= SHORTEST_BY_WEEK ? 'week' : 'day'
}

/** Monday of the week a day lies in. */
function weekStart(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

function bucketOf(day: string, grain: Grain): string {
  if (grain === 'day') return day
  return grain === 'week' ? weekStart(day) : `${day.slice(0, 7)}-01`
}

/** Days gathered into steps: flows add up, what is outstanding is that of the step's last day. */
export function bucketSeries(rows: SeriesRow[], grain: Grain): SeriesRow[] {
  const buckets = new Map<string, SeriesRow>()
  for (const row of rows) {
    const date = bucketOf(row.date, grain)
    const sum = buckets.get(date)
    if (!sum) {
      buckets.set(date, { ...row, date })
      continue
    }
    sum.issued += row.issued
    sum.spent += row.spent
    sum.expired += row.expired
    sum.clawed_back += row.clawed_back
    sum.outstanding = row.outstanding
  }
  return [...buckets.values()]
}

/** At most `most` values: neighbours are averaged, so that a long period still draws a calm line. */
export function thinned(values: number[], most: number): number[] {
  if (values.length <= most) return values
  const size = values.length / most
  return Array.from({ length: most }, (_, index) => {
    const part = values.slice(Math.floor(index * size), Math.floor((index + 1) * size))
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}

/** A line through values as the `points` of an SVG polyline, in a box of the given size. */
export function sparklinePoints(values: number[], width: number, height: number, inset = 2): string {
  if (values.length < 2) return ''
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const step = (width - 2 * inset) / (values.length - 1)
  return values
    .map((value, index) => {
      const x = inset + index * step
      const y = height - inset - ((value - low) / span) * (height - 2 * inset)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
    .join(' ')
}

const LARGEST_CHANGE = 9.99

/** The size of a change in words that stay short: beyond tenfold the exact share says nothing. */
export function changeText(rate: number, percent: (ratio: number, digits: number) => string): string {
  const size = Math.abs(rate)
  return size > LARGEST_CHANGE ? `>${percent(LARGEST_CHANGE, 0)}` : percent(size, 1)
}

/** Relative change against the period before; null when there was nothing to compare with. */
export function changeRate(value: number, previous: number): number | null {
  return previous === 0 ? null : (value - previous) / Math.abs(previous)
}
