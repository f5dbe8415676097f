import type { PictureRef, ProductIn, ProductOut, VariantIn, VariantsIn } from '@jifen/api/console'
import { currencyDigits } from '@jifen/shared'

export const STATUSES: ProductOut['status'][] = ['draft', 'on_sale', 'paused']
export const MOST_OPTIONS = 3
export const MOST_VARIANTS = 100

export interface OptionForm {
  nameZh: string
  nameEn: string
  values: { zh: string; en: string }[]
}

/** A line of the table of variants; one with an id is there already, and its stock has an action of its own. */
export interface VariantForm {
  id: string
  sku: string
  choice: number[]
  price: number | null
  compareAt: number | null
  stock: number | null
  lowStockAt: number | null
  isOnSale: boolean
}

/** What the form edits: money in major units. */
export interface ProductForm {
  titleZh: string
  titleEn: string
  descriptionZh: string
  descriptionEn: string
  pictures: PictureRef[]
  category: string
  status: ProductOut['status']
  position: number
  takesPoints: boolean
  hasMemberPrice: boolean
  options: OptionForm[]
  variants: VariantForm[]
}

const emptyVariant = (choice: number[]): VariantForm => ({
  id: '',
  sku: '',
  choice,
  price: null,
  compareAt: null,
  stock: null,
  lowStockAt: null,
  isOnSale: true,
})

export const emptyProduct = (): ProductForm => ({
  titleZh: '',
  titleEn: '',
  descriptionZh: '',
  descriptionEn: '',
  pictures: [],
  category: '',
  status: 'draft',
  position: 0,
  takesPoints: true,
  hasMemberPrice: true,
  options: [],
  variants: [emptyVariant([])],
})

export function productToForm(product: ProductOut, currency: string): ProductForm {
  const unit = 10 ** currencyDigits(currency)
  return {
    titleZh: product.title_zh,
    titleEn: product.title_en,
    descriptionZh: product.description_zh,
    descriptionEn: product.description_en,
    pictures: product.pictures,
    category: product.category ?? '',
    status: product.status,
    position: product.position,
    takesPoints: product.takes_points,
    hasMemberPrice: product.has_member_price,
    options: product.options.map((option) => ({
      nameZh: option.name_zh ?? '',
      nameEn: option.name_en ?? '',
      values: option.values.map((value) => ({ zh: value.zh ?? '', en: value.en ?? '' })),
    })),
    variants: product.variants.map((variant) => ({
      id: variant.id,
      sku: variant.sku,
      choice: [...variant.choice],
      price: variant.price_cents / unit,
      compareAt: variant.compare_at_cents === null ? null : variant.compare_at_cents / unit,
      stock: variant.stock,
      lowStockAt: variant.low_stock_at,
      isOnSale: variant.status === 'on_sale',
    })),
  }
}

/** The part of the form that is a change of the product itself. */
export function formToProduct(form: ProductForm): Omit<Required<ProductIn>, 'options' | 'variants'> {
  return {
    title_zh: form.titleZh.trim(),
    title_en: form.titleEn.trim(),
    description_zh: form.descriptionZh.trim(),
    description_en: form.descriptionEn.trim(),
    pictures: form.pictures.map((picture) => picture.id),
    category: form.category || null,
    status: form.status,
    position: form.position,
    takes_points: form.takesPoints,
    has_member_price: form.hasMemberPrice,
  }
}

/** The part of the form that is about options and variants, which are saved together. */
export function formToVariants(form: ProductForm, currency: string): Required<VariantsIn> {
  const cents = (amount: number) => Math.round(amount * 10 ** currencyDigits(currency))
  return {
    options: form.options.map((option) => ({
      name_zh: option.nameZh.trim(),
      name_en: option.nameEn.trim(),
      values: option.values.map((value) => ({ zh: value.zh.trim(), en: value.en.trim() })),
    })),
    variants: form.variants.map(
      (variant): VariantIn => ({
        sku: variant.sku.trim(),
        choice: variant.choice,
        price_cents: cents(variant.price ?? 0),
        compare_at_cents: variant.compareAt === null ? null : cents(variant.compareAt),
        stock: variant.stock,
        low_stock_at: variant.lowStockAt,
        status: variant.isOnSale ? 'on_sale' : 'paused',
      }),
    ),
  }
}

const sameChoice = (one: number[], other: number[]) => one.length === other.length && one.every((value, place) => value === other[place])

/** Every way to pick one value of each option, in the order of the options: `[[0, 0], [0, 1], …]`. */
export function combinations(options: OptionForm[]): number[][] {
  return options.reduce<number[][]>((ways, option) => ways.flatMap((way) => option.values.map((_, value) => [...way, value])), [[]])
}

/** The table for these options: what was there stays, a line is added for each way that had none. New lines take price and numbers of the first. */
export function fillVariants(options: OptionForm[], variants: VariantForm[]): VariantForm[] {
  const model = variants[0]
  return combinations(options)
    .slice(0, MOST_VARIANTS)
    .map((choice, place) => {
      const found = variants.find((variant) => sameChoice(variant.choice, choice))
      if (found) return found
      const base = model?.sku.trim() ?? ''
      return { ...emptyVariant(choice), price: model?.price ?? null, stock: model && !model.id ? model.stock : null, sku: base && options.length ? `${base}-${place + 1}` : '' }
    })
}

/** With an option more: what was there has its first value. */
export function addOption(form: ProductForm): ProductForm {
  const options = [...form.options, { nameZh: '', nameEn: '', values: [{ zh: '', en: '' }] }]
  return { ...form, options, variants: form.variants.map((variant) => ({ ...variant, choice: [...variant.choice, 0] })) }
}

/** Without an option: of lines that then are alike the first stays. */
export function removeOption(form: ProductForm, place: number): ProductForm {
  const without = form.variants.map((variant) => ({ ...variant, choice: variant.choice.filter((_, at) => at !== place) }))
  const options = form.options.filter((_, at) => at !== place)
  return { ...form, options, variants: fillVariants(options, without) }
}

export function addValue(form: ProductForm, place: number): ProductForm {
  const options = form.options.map((option, at) => (at === place ? { ...option, values: [...option.values, { zh: '', en: '' }] } : option))
  return { ...form, options, variants: fillVariants(options, form.variants) }
}

/** Without a value its lines go, and the values after it move up. */
export function removeValue(form: ProductForm, place: number, value: number): ProductForm {
  const options = form.options.map((option, at) => (at === place ? { ...option, values: option.values.filter((_, index) => index !== value) } : option))
  const left = form.variants
    .filter((variant) => variant.choice[place] !== value)
    .map((variant) => ({ ...variant, choice: variant.choice.map((one, at) => (at === place && one > value ? one - 1 : one)) }))
  return { ...form, options, variants: fillVariants(options, left) }
}

/** Field to the key of what is wrong with it, under the names the API uses; `variants[2].sku` is the third line's. */
export function productProblems(form: ProductForm): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!form.titleZh.trim() && !form.titleEn.trim()) problems['title_zh'] = 'products.problems.title'
  if (form.options.some((option) => option.values.some((value) => !value.zh.trim() && !value.en.trim()))) problems['options'] = 'products.problems.values'
  const skus = form.variants.map((variant) => variant.sku.trim())
  form.variants.forEach((variant, at) => {
    const line = `variants[${at}]`
    if (!skus[at]) problems[line] = 'products.problems.sku'
    else if (skus.indexOf(skus[at]) < at) problems[line] = 'products.problems.skuTwice'
    else if (variant.price === null) problems[line] = 'products.problems.price'
    else if (variant.compareAt !== null && variant.compareAt <= variant.price) problems[line] = 'products.problems.compareAt'
  })
  return problems
}
