import { describe, expect, it } from 'vitest'
import { addOption, addValue, combinations, emptyProduct, fillVariants, formToVariants, productProblems, removeOption, removeValue, type ProductForm } from './productForm.ts'

const value = (en: string) => ({ zh: '', en })
const option = (...names: string[]) => ({ nameZh: '', nameEn: 'Size', values: names.map(value) })

function tea(): ProductForm {
  const form = { ...emptyProduct(), titleEn: 'Tea', options: [option('S', 'L'), option('Milk', 'Oat')] }
  const [first] = form.variants
  return { ...form, variants: fillVariants(form.options, [{ ...first!, sku: 'TEA', price: 5, choice: [0, 0] }]) }
}

describe('the table of variants', () => {
  it('has a line for each way to pick one value of each option', () => {
    expect(combinations([])).toEqual([[]])
    expect(combinations(tea().options)).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]])
    expect(tea().variants.map((one) => [one.sku, one.price])).toEqual([['TEA', 5], ['TEA-2', 5], ['TEA-3', 5], ['TEA-4', 5]])
  })

  it('keeps what was there when a value comes', () => {
    const more = addValue(tea(), 0)
    expect(more.variants).toHaveLength(6)
    expect(more.variants[0]).toEqual(tea().variants[0])
  })

  it('loses the lines of a value that goes, and the others move up', () => {
    const less = removeValue(tea(), 0, 0)
    expect(less.variants.map((one) => [one.sku, ...one.choice])).toEqual([['TEA-3', 0, 0], ['TEA-4', 0, 1]])
  })

  it('gives an option to what had none, and takes it away again', () => {
    const plain = { ...emptyProduct(), variants: [{ ...emptyProduct().variants[0]!, sku: 'TIN', price: 3 }] }
    const one = addOption(plain)
    expect(one.variants.map((line) => line.choice)).toEqual([[0]])
    expect(addValue(one, 0).variants.map((line) => line.sku)).toEqual(['TIN', 'TIN-2'])
    expect(removeOption(addValue(one, 0), 0).variants.map((line) => [line.sku, line.choice])).toEqual([['TIN', []]])
  })

  it('is saved in minor units', () => {
    const form = { ...emptyProduct(), variants: [{ ...emptyProduct().variants[0]!, sku: ' A ', price: 19.9, compareAt: 25 }] }
    expect(formToVariants(form, 'CNY').variants[0]).toMatchObject({ sku: 'A', price_cents: 1990, compare_at_cents: 2500 })
    expect(formToVariants(form, 'JPY').variants[0]).toMatchObject({ price_cents: 20 })
  })
})

describe('what is wrong', () => {
  it('is told line by line', () => {
    const form = tea()
    form.variants[1]!.sku = 'TEA'
    form.variants[2]!.price = null
    form.variants[3]!.compareAt = 5
    expect(productProblems(form)).toEqual({
      'variants[1]': 'products.problems.skuTwice',
      'variants[2]': 'products.problems.price',
      'variants[3]': 'products.problems.compareAt',
    })
    expect(Object.keys(productProblems({ ...emptyProduct(), options: [option('')] }))).toEqual(['title_zh', 'options', 'variants[0]'])
  })
})
