interface Dated {
  occurred_at: string
}

export interface LedgerDay<Row> {
  date: string
  rows: Row[]
}

/** Rows gathered by the day they happened where the shop is; their order is kept. */
export function groupByDay<Row extends Dated>(rows: Row[], timeZone: string): LedgerDay<Row>[] {
  const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const days: LedgerDay<Row>[] = []
  for (const row of rows) {
    const date = dayOf.format(new Date(row.occurred_at))
    const last = days.at(-1)
    if (last?.date === date) last.rows.push(row)
    else days.push({ date, rows: [row] })
  }
  return days
}

/** What a row of the ledger looks like at a glance. */
export type Flow = 'gained' | 'spent' | 'waiting' | 'moved'

export function flowOf(row: { amount: number; is_pending: boolean }): Flow {
  if (row.is_pending) return 'waiting'
  if (row.amount === 0) return 'moved'
  return row.amount > 0 ? 'gained' : 'spent'
}
