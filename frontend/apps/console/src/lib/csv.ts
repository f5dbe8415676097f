/** CSV files that spreadsheets open as data and never as formulas. */

export type Cell = string | number | null | undefined

const FORMULA_START = /^[\s]*[=+\-@＝＋－＠\t\r]/u
const NEEDS_QUOTES = /[",\r\n]/

/** One cell as text: what a person typed can never start a formula; numbers stay numbers. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA_START.test(value) ? `'${value}` : value
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A whole file, with the byte order mark without which Excel garbles Chinese. */
export function toCsv(header: string[], rows: Cell[][]): string {
  const lines = [header, ...rows].map((row) => row.map(csvCell).join(','))
  return `\uFEFF${lines.join('\r\n')}\r\n`
}

/** Hands the browser a file to save. */
export function downloadCsv(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
