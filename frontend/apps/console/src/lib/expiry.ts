import type { ProgramForm } from './program.ts'

type Terms = Pick<ProgramForm, 'policy' | 'span' | 'months' | 'days' | 'date'>

const DAY = 86_400_000

/** `YYYY-MM-DD` as a moment of UTC, in which days have no daylight saving. */
const utc = (year: number, month: number, day: number) => Date.UTC(year, month, day)
const lengthOf = (year: number, month: number) => new Date(utc(year, month + 1, 0)).getUTCDate()
const text = (moment: number) => new Date(moment).toISOString().slice(0, 10)

/**
 * The last day of points that were earned on `today` (`YYYY-MM-DD`), as the server stamps it; null for never.
 * With a quiet time it is the last day if nothing happens from today on.
 */
export function lastDay(terms: Terms, today: string): string | null {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number]
  const later = month - 1 + terms.months
  const inYear = year + Math.floor(later / 12)
  const inMonth = later % 12
  switch (terms.policy) {
    case 'rolling':
      return terms.span === 'days'
        ? text(utc(year, month - 1, day) + terms.days * DAY)
        : text(utc(inYear, inMonth, Math.min(day, lengthOf(inYear, inMonth))))
    case 'month_end':
      return text(utc(inYear, inMonth, lengthOf(inYear, inMonth)))
    case 'fixed_date': {
      const [ofMonth, ofDay] = terms.date.split('-').map(Number) as [number, number]
      return text(utc(year + 1, ofMonth - 1, Math.min(ofDay, lengthOf(year + 1, ofMonth - 1))))
    }
    case 'inactivity':
      return text(utc(year, month - 1, day) + terms.days * DAY)
    case 'never':
      return null
  }
}
