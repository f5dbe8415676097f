import type { MallItemIn, MallItemOut, ItemVariantIn } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

export const KINDS: MallItemOut['kind'][] = ['goods', 'coupon', 'red_packet', 'benefit', 'gift_code']
export const STATUSES: MallItemOut['status'][] = ['draft', 'on_sale', 'paused']

export const PERIODS: MallItemOut['per_member_period'][] = ['ever', 'month', 'day']
export const WAYS: MallItemOut['delivery'][] = ['ship', 'pickup', 'both']
/** Kinds of which one may differ from the next. */
const WITH_VARIANTS = new Set<MallItemOut['kind']>(['goods', 'benefit'])
export const hasVariants = (kind: MallItemOut['kind']): boolean => WITH_VARIANTS.has(kind)

/** A variant as it is edited; `wasStock` is what it was, so that a stock nobody touched is not sent. */
export interface VariantForm {
  id: string
  nameZh: string
  nameEn: string
  stock: number | null
  wasStock: number | null
  pricePoints: number | null
  price: number | null
}

export const emptyVariant = (): VariantForm => ({ id: '', nameZh: '', nameEn: '', stock: null, wasStock: null, pricePoints: null, price: null })

/** What the form edits: money in major units, limits that are off as null. */
export interface MallItemForm {
  kind: MallItemOut['kind']
  titleZh: string
  titleEn: string
  descriptionZh: string
  descriptionEn: string
  image: string
  pricePoints: number | null
  price: number
  stock: number | null
  lowStockAt: number | null
  perMemberLimit: number | null
  perMemberPeriod: MallItemOut['per_member_period']
  tiers: string[]
  segment: string
  delivery: MallItemOut['delivery']
  pickupPlaceZh: string
  pickupPlaceEn: string
  pickupDays: number | null
  couponTemplate: string
  redPacket: number
  fundingSource: string
  benefitZh: string
  benefitEn: string
  benefitDays: number | null
  variants: VariantForm[]
  onSaleFrom: Date | null
  onSaleUntil: Date | null
  status: MallItemOut['status']
}

export const emptyMallItem = (): MallItemForm => ({
  kind: 'goods',
  titleZh: '',
  titleEn: '',
  descriptionZh: '',
  descriptionEn: '',
  image: '1f381',
  pricePoints: null,
  price: 0,
  stock: null,
  lowStockAt: null,
  perMemberLimit: null,
  perMemberPeriod: 'ever',
  tiers: [],
  segment: '',
  delivery: 'ship',
  pickupPlaceZh: '',
  pickupPlaceEn: '',
  pickupDays: null,
  couponTemplate: '',
  redPacket: 0,
  fundingSource: 'merchant',
  benefitZh: '',
  benefitEn: '',
  benefitDays: null,
  variants: [],
  onSaleFrom: null,
  onSaleUntil: null,
  status: 'draft',
})

const toDate = (value: string | null): Date | null => (value ? new Date(value) : null)

const toMajor = (cents: number, currency: string): number => cents / 10 ** currencyDigits(currency)
const toCents = (amount: number, currency: string): number => Math.round(amount * 10 ** currencyDigits(currency))

/** Members redeem while somebody edits: a stock is sent only when it was changed here. */
function toVariant(one: VariantForm, currency: string, lowStockAt: number | null): ItemVariantIn {
  return {
    ...(one.id ? { id: one.id } : {}),
    name_zh: one.nameZh.trim(),
    name_en: one.nameEn.trim(),
    ...(one.id && one.stock === one.wasStock ? {} : { stock: one.stock }),
    low_stock_at: lowStockAt,
    price_points: one.pricePoints,
    price_cents: one.price === null ? null : toCents(one.price, currency),
  }
}

export function mallItemToForm(item: MallItemOut, currency: string): MallItemForm {
  return {
    kind: item.kind,
    titleZh: item.title_zh,
    titleEn: item.title_en,
    descriptionZh: item.description_zh,
    descriptionEn: item.description_en,
    image: item.image,
    pricePoints: item.price_points,
    price: toMajor(item.price_cents, currency),
    stock: item.stock,
    // One threshold for all variants, as far as this form goes.
    lowStockAt: item.low_stock_at ?? item.variants.find((one) => one.low_stock_at !== null)?.low_stock_at ?? null,
    perMemberLimit: item.per_member_limit,
    perMemberPeriod: item.per_member_period,
    tiers: item.tiers,
    segment: item.segment,
    delivery: item.delivery,
    pickupPlaceZh: item.pickup_place_zh,
    pickupPlaceEn: item.pickup_place_en,
    pickupDays: item.pickup_days,
    couponTemplate: item.coupon_template,
    redPacket: toMajor(item.red_packet_cents ?? 0, currency),
    fundingSource: item.funding_source,
    benefitZh: item.benefit_zh,
    benefitEn: item.benefit_en,
    benefitDays: item.benefit_days,
    variants: item.variants.map((one) => ({
      id: one.id,
      nameZh: one.name_zh,
      nameEn: one.name_en,
      stock: one.stock,
      wasStock: one.stock,
      pricePoints: one.price_points,
      price: one.price_cents === null ? null : toMajor(one.price_cents, currency),
    })),
    onSaleFrom: toDate(item.on_sale_from),
    onSaleUntil: toDate(item.on_sale_until),
    status: item.status,
  }
}

/** The whole item; what is counted elsewhere (by variants, by the pool of codes) has no stock of its own. */
export function formToMallItem(form: MallItemForm, currency: string): Omit<Required<MallItemIn>, 'stock'> & { stock?: number | null } {
  const variants = hasVariants(form.kind) ? form.variants : []
  return {
    kind: form.kind,
    title_zh: form.titleZh.trim(),
    title_en: form.titleEn.trim(),
    description_zh: form.descriptionZh.trim(),
    description_en: form.descriptionEn.trim(),
    image: form.image,
    price_points: form.pricePoints ?? 0,
    price_cents: toCents(form.price, currency),
    ...(form.kind === 'gift_code' || variants.length > 0 ? {} : { stock: form.stock }),
    low_stock_at: form.lowStockAt,
    per_member_period: form.perMemberPeriod,
    tiers: form.tiers,
    segment: form.segment.trim(),
    delivery: form.delivery,
    pickup_place_zh: form.pickupPlaceZh.trim(),
    pickup_place_en: form.pickupPlaceEn.trim(),
    pickup_days: form.pickupDays,
    coupon_template: form.couponTemplate.trim(),
    red_packet_cents: form.kind === 'red_packet' ? toCents(form.redPacket, currency) || null : null,
    funding_source: form.fundingSource.trim() || 'merchant',
    benefit_zh: form.benefitZh.trim(),
    benefit_en: form.benefitEn.trim(),
    benefit_days: form.benefitDays,
    variants: variants.map((one) => toVariant(one, currency, form.lowStockAt)),
    per_member_limit: form.perMemberLimit,
    on_sale_from: form.onSaleFrom?.toISOString() ?? null,
    on_sale_until: form.onSaleUntil?.toISOString() ?? null,
    status: form.status,
  }
}

/** Field to the key of what is wrong with it, under the names the API uses. */
export function mallItemProblems(form: MallItemForm): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!form.titleZh.trim() && !form.titleEn.trim()) problems['title_zh'] = 'mall.problems.title'
  if (!form.pricePoints || form.pricePoints < 1) problems['price_points'] = 'mall.problems.points'
  if (form.onSaleFrom && form.onSaleUntil && form.onSaleUntil <= form.onSaleFrom) {
    problems['on_sale_until'] = 'mall.problems.window'
  }
  if (form.status === 'on_sale' && form.kind === 'coupon' && !form.couponTemplate.trim()) problems['coupon_template'] = 'mall.problems.template'
  if (form.status === 'on_sale' && form.kind === 'red_packet' && form.redPacket <= 0) problems['red_packet_cents'] = 'mall.problems.redPacket'
  if (hasVariants(form.kind) && form.variants.some((one) => !one.nameZh.trim() && !one.nameEn.trim())) problems['variants'] = 'mall.problems.variant'
  return problems
}
