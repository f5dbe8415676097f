/** A table as a file holds it: cells are text, trimmed; rows without any are left out. */
export interface Table {
  header: string[]
  rows: string[][]
}

const UTF16 = { fffe: 'utf-16le', feff: 'utf-16be' } as const

/** Text of a CSV file: UTF-8 with or without its mark, UTF-16, or what Excel writes in China (GB 18030). */
export function decodeText(bytes: Uint8Array): string {
  const mark = Array.from(bytes.subarray(0, 2), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (mark in UTF16) return new TextDecoder(UTF16[mark as keyof typeof UTF16]).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/** A cell of a sheet as the text a CSV file would have; days without their time. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (!(cell instanceof Date)) return String(cell).trim()
  const [day = '', time = ''] = cell.toISOString().split('T')
  return time.startsWith('00:00:00') ? day : `${day} ${time.slice(0, 8)}`
}

function tableOf(lines: string[][]): Table {
  const filled = lines.filter((line) => line.some((cell) => cell !== ''))
  return { header: filled[0] ?? [], rows: filled.slice(1) }
}

/** What stands most often in the first line separates the cells. */
function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1)
  return [',', ';', '\t'].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best))
}

async function readCsv(file: Blob): Promise<Table> {
  const { default: papa } = await import('papaparse')
  const text = decodeText(new Uint8Array(await file.arrayBuffer())).replace(/^\uFEFF/, '')
  return tableOf(papa.parse<string[]>(text, { delimiter: delimiterOf(text) }).data.map((line) => line.map((cell) => cell.trim())))
}

async function readSheet(file: File): Promise<Table> {
  const { readSheet: read } = await import('read-excel-file/browser')
  return tableOf((await read(file)).map((line) => line.map(cellText)))
}

/** Reads a CSV or XLSX file; throws when it is neither. */
export async function readTable(file: File): Promise<Table> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const isZip = start[0] === 0x50 && start[1] === 0x4b
  return isZip ? readSheet(file) : readCsv(file)
}
