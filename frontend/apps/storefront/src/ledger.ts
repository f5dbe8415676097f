import type { TransactionOut } from '@jifen/api/storefront'

export interface MonthGroup {
  month: string
  rows: TransactionOut[]
}

/** `YYYY-MM` of an instant in the merchant's zone. */
function monthOf(value: string, timezone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit' }).format(new Date(value)).slice(0, 7)
}

/** The ledger's rows under their months, in the order they came. */
export function byMonth(rows: TransactionOut[], timezone: string): MonthGroup[] {
  const groups: MonthGroup[] = []
  for (const row of rows) {
    const month = monthOf(row.occurred_at, timezone)
    const last = groups.at(-1)
    if (last?.month === month) last.rows.push(row)
    else groups.push({ month, rows: [row] })
  }
  return groups
}

/** How a row is drawn: gained, spent, still to come, or neither. */
export function toneOf(row: Pick<TransactionOut, 'amount' | 'is_pending'>): 'wait' | 'gain' | 'spent' | 'still' {
  if (row.is_pending) return 'wait'
  if (row.amount === 0) return 'still'
  return row.amount > 0 ? 'gain' : 'spent'
}
