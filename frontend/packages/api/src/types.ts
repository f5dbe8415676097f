/** Shapes of the storefront's and the console's API, as their OpenAPI files describe them. */

export type Locale = 'zh-hans' | 'en'
/** ISO 8601 with offset. */
export type Timestamp = string
/** `YYYY-MM-DD`. */
export type DateOnly = string

export interface Page<Item> {
  items: Item[]
  next: string | null
}

export interface FieldError {
  field: string
  code: string
  detail: string
}

/** Body of every refusal (`application/problem+json`). */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  facts: Record<string, unknown>
  request_id: string
  errors?: FieldError[]
}

export interface Merchant {
  slug: string
  name: string
  currency: string
  timezone: string
  locale: Locale
  mode: 'live' | 'test'
  logo: string | null
  brand: string
  on_brand: string
  brand_text: string
  point_name: string
  /** How many points are worth one major unit of money. */
  points_per_unit: number
  country?: string
}

export interface PointsSummary {
  available: number
  pending: number
  held: number
  debt: number
  lifetime_earned: number
}

export interface Me {
  id: string
  external_id: string
  name: string | null
  phone: string | null
  email: string | null
  birthday: DateOnly | null
  joined_at: Timestamp
  member_code: string
  points: PointsSummary
  points_value_cents: number
  next_expiry: { points: number; expires_at: Timestamp } | null
  next_maturity: { points: number; matures_at: Timestamp } | null
  growth: number
  cash_cents: number
}

export interface SignInCode {
  expires_in_seconds: number
  resend_in_seconds: number
}

export type MallItemKind = 'goods' | 'coupon' | 'red_packet' | 'benefit' | 'gift_code'

export interface MallItem {
  id: string
  kind: MallItemKind
  title: string
  description: string
  image: string
  price_points: number
  price_cents: number
  currency: string
  /** Told only when few are left. */
  stock_left: number | null
  is_sold_out: boolean
  per_member_limit: number | null
  redeemed_by_me: number
  missing_points: number
}

export interface Address {
  name: string
  phone: string
  region: string
  line: string
}

export type RedemptionStatus = 'pending' | 'fulfilled' | 'cancelled'

export interface Redemption {
  id: string
  code: string
  status: RedemptionStatus
  mall_item: { id: string; title: string; image: string; kind: MallItemKind }
  quantity: number
  points: number
  price_cents: number
  currency: string
  address: Address | null
  created_at: Timestamp
  fulfilled_at: Timestamp | null
  cancelled_at: Timestamp | null
  can_cancel: boolean
}

export type TransactionKind =
  | 'earn'
  | 'mature'
  | 'spend'
  | 'hold'
  | 'capture'
  | 'release'
  | 'refund_spent'
  | 'clawback'
  | 'expire'
  | 'adjust'
  | 'opening'
  | 'debt_offset'

export interface Transaction {
  id: string
  /** One of TransactionKind; a newer server may add more. */
  kind: TransactionKind | (string & {})
  unit: string
  amount: number
  occurred_at: Timestamp
  reason: string
  order_external_id: string | null
  balance_after: number
  is_pending: boolean
  matures_at: Timestamp | null
}

export interface MonthSummary {
  /** `YYYY-MM` */
  month: string
  earned: number
  spent: number
}

export interface Lot {
  granted: number
  remaining: number
  held: number
  matures_at: Timestamp
  expires_at: Timestamp | null
  is_pending: boolean
}

// Console

export type Role = 'owner' | 'admin' | 'marketer' | 'support' | 'analyst'

export interface Session {
  user: { id: string; email: string; name: string }
  role: Role
  permissions: string[]
}

export interface Figure {
  value: number
  previous: number
}

export interface DashboardSeriesRow {
  date: DateOnly
  issued: number
  spent: number
  expired: number
  clawed_back: number
  outstanding: number
}

export interface Dashboard {
  from: DateOnly
  to: DateOnly
  currency: string
  figures: {
    issued_points: Figure
    spent_points: Figure
    expired_points: Figure
    clawed_back_points: Figure
    outstanding_points: Figure
    liability_cents: Figure
    redemption_rate: Figure
    active_members: Figure
    orders_with_points: Figure
    new_members: Figure
  }
  series: DashboardSeriesRow[]
  latest_orders: OrderRow[]
}

export interface MemberRow {
  id: string
  external_id: string
  name: string | null
  phone: string | null
  email: string | null
  joined_at: Timestamp
  points: PointsSummary
  orders_count: number
  spent_cents: number
  last_order_at: Timestamp | null
}

export interface MemberDetail extends MemberRow {
  birthday: DateOnly | null
  tags: string[]
  cash_cents: number
  growth: number
  next_expiry: { points: number; expires_at: Timestamp } | null
}

export interface MemberPage extends Page<MemberRow> {
  total: number
}

export interface ConsoleTransaction extends Transaction {
  actor: string | null
  note: string | null
}

export interface ConsoleLot extends Lot {
  funding_source: { code: string; name: string }
  order_external_id: string | null
}

export interface Adjustment {
  transaction: ConsoleTransaction
  points: PointsSummary
}

export type OrderStatus = 'paid' | 'completed' | 'partly_refunded' | 'refunded'

export interface MemberRef {
  id: string
  external_id: string
  name: string | null
}

export interface OrderRow {
  id: string
  external_id: string
  channel: string
  member: MemberRef
  status: OrderStatus
  placed_at: Timestamp
  completed_at: Timestamp | null
  currency: string
  paid_cents: number
  refunded_cents: number
  points_earned: number
  points_clawed_back: number
  points_pending: number
}

export interface OrderLine {
  external_id: string
  sku: string
  category: string
  quantity: number
  amount_cents: number
  points: number
  refunded_quantity: number
  refunded_cents: number
}

export interface OrderRefund {
  external_id: string
  refunded_at: Timestamp
  amount_cents: number
  points: { clawed_back: number; returned: number; debt: number }
  steps: { step: 'own_pending' | 'own_lots' | 'other_lots' | 'debt'; points: number }[]
}

export interface OrderDetail extends OrderRow {
  lines: OrderLine[]
  shipping_cents: number
  tax_cents: number
  discount_cents: number
  offset: { points: number; cents: number } | null
  refunds: OrderRefund[]
  explanation: { summary: string; steps: { title: string; detail: string }[] }
}

export type MallItemStatus = 'draft' | 'on_sale' | 'paused'

export interface ConsoleMallItem {
  id: string
  kind: MallItemKind
  title_zh: string
  title_en: string
  title: string
  description_zh: string
  description_en: string
  image: string
  price_points: number
  price_cents: number
  stock: number | null
  redeemed_count: number
  per_member_limit: number | null
  on_sale_from: Timestamp | null
  on_sale_until: Timestamp | null
  status: MallItemStatus
  created_at: Timestamp
}

export interface ConsoleRedemption extends Redemption {
  member: MemberRef
}

export interface ApiKey {
  id: string
  name: string
  prefix: string
  scopes: string[]
  created_at: Timestamp
  last_used_at: Timestamp | null
  revoked_at: Timestamp | null
}

/** The full key is told once, in the answer that makes it. */
export interface NewApiKey extends ApiKey {
  key: string
}

export interface ApiScope {
  code: string
  title: string
}

export interface Brand {
  name: string
  brand_color: string
  logo: string | null
  point_name_zh: string
  point_name_en: string
}
