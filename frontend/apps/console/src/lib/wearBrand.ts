import { brandText, onBrand, parseHex } from '@jifen/shared'
import { isLikeGained } from './palette.ts'

/** Puts a merchant's colour on an element's custom properties; anything but `#rrggbb` is ignored. */
export function wearBrand(colour: string, target: HTMLElement = document.documentElement): void {
  if (!parseHex(colour)) return
  target.style.setProperty('--brand', colour)
  target.style.setProperty('--on-brand', onBrand(colour))
  target.style.setProperty('--brand-text', brandText(colour))
  // Points spent are told from points gained by colour too, also where the brand is green.
  target.style.setProperty('--spent', isLikeGained(colour) ? 'var(--ink)' : 'var(--brand-ink)')
}
