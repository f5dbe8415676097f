import type { MemberRow } from '@jifen/api/console'
import { type Formatter } from '@jifen/shared'
import type { Cell } from './csv.ts'

const COLUMNS = ['number', 'name', 'phone', 'email', 'tier', 'available', 'pending', 'held', 'debt', 'lifetime', 'ordersCount', 'spentMoney', 'lastOrder', 'joined']

export const memberCsvHeader = (t: (key: string) => string): string[] => COLUMNS.map((column) => t(`members.${column}`))

/** One member as the export shows it: counts as numbers, money and times as people read them. */
export function memberCsvRow(row: MemberRow, format: Pick<Formatter, 'money' | 'dateTime'>): Cell[] {
  const { available, pending, held, debt, lifetime_earned: lifetime } = row.points
  return [
    row.external_id,
    row.name,
    row.phone,
    row.email,
    row.tier?.name ?? null,
    available,
    pending,
    held,
    debt,
    lifetime,
    row.orders_count,
    format.money(row.spent_cents),
    row.last_order_at && format.dateTime(row.last_order_at),
    format.dateTime(row.joined_at),
  ]
}
