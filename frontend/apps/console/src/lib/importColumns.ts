import type { MemberFieldOut, RowIn } from '@jifen/api/console'
import type { Table } from './importFile.ts'

/** What a column can be, in the order of the template, with the names it is known by. */
export const COLUMNS = {
  external_id: ['会员号', '会员编号', '会员id', '卡号', '会员卡号', '客户编号', '顾客编号', 'member number', 'member id', 'member no', 'number', 'id', 'card', 'card no', 'card number', 'customer id', 'customer no', 'customer number', 'loyalty id', 'loyalty number'],
  name: ['姓名', '名字', '会员姓名', '昵称', 'full name', 'member name', 'customer name'],
  phone: ['手机号', '手机', '电话', '手机号码', '联系电话', 'mobile', 'mobile number', 'mobile phone', 'cell phone', 'phone number', 'phone no', 'telephone'],
  email: ['邮箱', '电子邮箱', '邮件', 'e-mail', 'e-mail address', 'email address'],
  birthday: ['生日', '出生日期', 'date of birth', 'birth date'],
  joined_at: ['加入时间', '注册时间', '入会时间', '注册日期', '入会日期', '加入日期', '开卡日期', 'joined', 'joined on', 'member since', 'registered'],
  tags: ['标签', '会员标签', 'tag', 'labels'],
  points: ['积分', '期初积分', '积分余额', '可用积分', '剩余积分', 'balance', 'opening points', 'points balance'],
  expires_at: ['到期日', '积分到期日', '有效期至', '积分有效期', '到期时间', '过期时间', '失效日期', 'expires', 'expires on', 'expiry', 'expiry date', 'expiration date', 'valid until'],
  earned_at: ['获得时间', '获得日期', '积分获得日期', 'earned', 'earned on'],
  growth: ['成长值', '期初成长值', 'growth value'],
  tier: ['等级', '会员等级', '等级编码', '等级代码', 'level', 'tier code'],
  tier_until: ['等级到期日', '等级有效期', 'tier valid until'],
  funding_source: ['承担方', '成本承担方', 'payer', 'paid by', 'funding source'],
  channel: ['渠道', '来源渠道'],
  reference: ['批次', '批次号', '行号', 'lot', 'row reference'],
} as const satisfies Partial<Record<keyof RowIn, readonly string[]>>

export type ColumnName = keyof typeof COLUMNS
/** A column of the file → what it is: a column of ours, `custom.<code>`, or nothing. */
export type Mapping = string[]

const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_\-.（）():：*]/g, '')
const KNOWN = new Map(
  (Object.keys(COLUMNS) as ColumnName[]).flatMap((name) => [name, ...COLUMNS[name]].map((word) => [plain(word), name] as const)),
)

/** What each column of a file is by its heading, in either language; each meaning once. */
export function guessMapping(header: string[], fields: Pick<MemberFieldOut, 'code' | 'name_zh' | 'name_en'>[]): Mapping {
  const own = new Map(fields.flatMap((field) => [field.code, field.name_zh, field.name_en].map((word) => [plain(word), `custom.${field.code}`])))
  const used = new Set<string>()
  return header.map((heading) => {
    const found = KNOWN.get(plain(heading)) ?? own.get(plain(heading)) ?? ''
    if (plain(heading) === '' || used.has(found)) return ''
    if (found) used.add(found)
    return found
  })
}

/** The rows of a file as the API takes them; empty cells and columns that mean nothing are left out. */
export function toRows(table: Table, mapping: Mapping): RowIn[] {
  return table.rows.map((cells) => {
    const row: Record<string, unknown> = {}
    const custom: Record<string, string> = {}
    mapping.forEach((name, at) => {
      const cell = cells[at] ?? ''
      if (!name || cell === '') return
      if (name.startsWith('custom.')) custom[name.slice('custom.'.length)] = cell
      else row[name] = cell
    })
    return (Object.keys(custom).length > 0 ? { ...row, custom } : row) as RowIn
  })
}

/** Rows in parts that fit into one call. */
export function inParts<Item>(items: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
