import type { CheckInOverviewOut } from '@jifen/api/storefront'

export type DayState = 'checked' | 'madeUp' | 'missed' | 'empty'

export interface CalendarDay {
  /** `2026-11-22` */
  date: string
  day: number
  state: DayState
  isToday: boolean
}

const MONTHS_A_YEAR = 12
const DAYS_A_WEEK = 7

/** `2026-11` some months on. */
export function shiftMonth(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const index = year * MONTHS_A_YEAR + number - 1 + by
  return `${Math.floor(index / MONTHS_A_YEAR)}-${String((index % MONTHS_A_YEAR) + 1).padStart(2, '0')}`
}

/** Days before the first of the month in a week that begins on Monday. */
export function leadingDays(month: string): number {
  return (new Date(`${month}-01T00:00:00Z`).getUTCDay() + DAYS_A_WEEK - 1) % DAYS_A_WEEK
}

function stateOf(date: string, found: CheckInOverviewOut, isFilled: boolean, isMadeUp: boolean): DayState {
  if (isFilled) return isMadeUp ? 'madeUp' : 'checked'
  return date < found.today && date >= found.first_open_date ? 'missed' : 'empty'
}

/** Every day of the month, with what became of it. */
export function daysOf(month: string, found: CheckInOverviewOut): CalendarDay[] {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const rows = new Map(found.days.map((row) => [row.date, row]))
  return Array.from({ length: new Date(Date.UTC(year, number, 0)).getUTCDate() }, (_, index) => {
    const date = `${month}-${String(index + 1).padStart(2, '0')}`
    const row = rows.get(date)
    return {
      date,
      day: index + 1,
      state: stateOf(date, found, row !== undefined, row?.is_made_up ?? false),
      isToday: date === found.today,
    }
  })
}
