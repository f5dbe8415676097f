import type { MallItemIn, MallItemOut } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

export const KINDS: MallItemOut['kind'][] = ['goods', 'coupon', 'red_packet', 'benefit', 'gift_code']
export const STATUSES: MallItemOut['status'][] = ['draft', 'on_sale', 'paused']

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
  perMemberLimit: number | null
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
  perMemberLimit: null,
  onSaleFrom: null,
  onSaleUntil: null,
  status: 'draft',
})

const toDate = (value: string | null): Date | null => (value ? new Date(value) : null)

export function mallItemToForm(item: MallItemOut, currency: string): MallItemForm {
  return {
    kind: item.kind,
    titleZh: item.title_zh,
    titleEn: item.title_en,
    descriptionZh: item.description_zh,
    descriptionEn: item.description_en,
    image: item.image,
    pricePoints: item.price_points,
    price: item.price_cents / 10 ** currencyDigits(currency),
    stock: item.stock,
    perMemberLimit: item.per_member_limit,
    onSaleFrom: toDate(item.on_sale_from),
    onSaleUntil: toDate(item.on_sale_until),
    status: item.status,
  }
}

export function formToMallItem(form: MallItemForm, currency: string): Required<MallItemIn> {
  return {
    kind: form.kind,
    title_zh: form.titleZh.trim(),
    title_en: form.titleEn.trim(),
    description_zh: form.descriptionZh.trim(),
    description_en: form.descriptionEn.trim(),
    image: form.image,
    price_points: form.pricePoints ?? 0,
    price_cents: Math.round(form.price * 10 ** currencyDigits(currency)),
    stock: form.stock,
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
  return problems
}
