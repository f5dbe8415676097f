import type { ProductPageOut, ShopVariantOut } from '@jifen/api/storefront'
import { MOST_PIECES } from './cart.ts'

export type Choice = (number | null)[]

/** The choice a product opens with: of its variants the first that can be had, or the first. */
export function firstChoice(product: ProductPageOut): Choice {
  const first = product.variants.find((variant) => variant.state === 'available') ?? product.variants[0]
  return first ? [...first.choice] : product.options.map(() => null)
}

/** The variant of a complete choice. */
export function variantOf(product: ProductPageOut, choice: Choice): ShopVariantOut | undefined {
  return product.variants.find((variant) => variant.choice.every((value, place) => value === choice[place]))
}

/** Whether a value can still be had together with what is chosen of the other options. */
export function canChoose(product: ProductPageOut, choice: Choice, option: number, value: number): boolean {
  return product.variants.some(
    (variant) =>
      variant.state === 'available' &&
      variant.choice.every((one, place) => (place === option ? one === value : choice[place] === null || choice[place] === one)),
  )
}

/** How many of it one can take, with what is in the cart already. */
export const mostOf = (variant: ShopVariantOut, inCart: number): number =>
  Math.max(0, Math.min(MOST_PIECES, variant.stock_left ?? MOST_PIECES) - inCart)
