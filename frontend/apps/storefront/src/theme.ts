import type { Merchant } from '@jifen/shared'
import { parseHex, type Rgb } from '@jifen/shared'

/** True for colours between yellow-green and teal. */
const isGreen = ([red, green, blue]: Rgb): boolean => green > red * 1.15 && green > blue * 1.1

/**
 * Tells the style sheet whether the merchant's colour is deep (white text on it) or pale (dark text on it):
 * shades of the brand ground move away from the text, never towards it.
 */
export function applyTheme(merchant: Merchant, root: HTMLElement = document.documentElement): void {
  const colours = { '--brand': merchant.brand, '--on-brand': merchant.on_brand, '--brand-text': merchant.brand_text }
  for (const [name, colour] of Object.entries(colours)) {
    if (parseHex(colour)) root.style.setProperty(name, colour)
  }
  const brand = parseHex(merchant.brand)
  if (brand && isGreen(brand)) root.dataset.hue = 'green'
  root.dataset.tone = merchant.on_brand.toLowerCase() === '#ffffff' ? 'deep' : 'pale'
}
