import { merchant } from './boot.ts'

/** One line of a cart in the browser: what, and how many. Prices are the server's. */
export interface KeptLine {
  variant_id: string
  quantity: number
}

export const MOST_LINES = 100
export const MOST_PIECES = 999
const KEY = `jifen.cart.${merchant.slug}`

const isLine = (line: unknown): line is KeptLine =>
  typeof line === 'object' &&
  line !== null &&
  'variant_id' in line &&
  typeof line.variant_id === 'string' &&
  'quantity' in line &&
  Number.isInteger(line.quantity) &&
  Number(line.quantity) >= 1 &&
  Number(line.quantity) <= MOST_PIECES

/** What a visitor gathered in this browser; nothing where it cannot be read. */
export function readCart(storage: Pick<Storage, 'getItem'> = localStorage): KeptLine[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isLine).slice(0, MOST_LINES) : []
  } catch {
    return []
  }
}

export function writeCart(lines: KeptLine[], storage: Pick<Storage, 'setItem' | 'removeItem'> = localStorage): void {
  try {
    if (lines.length) storage.setItem(KEY, JSON.stringify(lines))
    else storage.removeItem(KEY)
  } catch {
    // A browser that keeps nothing still shows what is in the cart of this page.
  }
}

/** The lines with so many of one variant; none takes it out. The latest comes first. */
export function withLine(lines: KeptLine[], variant_id: string, quantity: number): KeptLine[] {
  const others = lines.filter((line) => line.variant_id !== variant_id)
  if (quantity < 1) return others
  const changed = { variant_id, quantity: Math.min(quantity, MOST_PIECES) }
  if (others.length === lines.length) return [changed, ...lines].slice(0, MOST_LINES)
  return lines.map((line) => (line.variant_id === variant_id ? changed : line))
}
