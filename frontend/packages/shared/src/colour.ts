/** Contrast arithmetic of WCAG 2, the same the server uses for a merchant's colours. */

export type Rgb = readonly [red: number, green: number, blue: number]

const HEX = /^#?([0-9a-f]{6})$/i
const READABLE = 4.5
const DARK_INK = '#1b1f27'

/** Reads `#rrggbb`; anything else is refused, so that no free text ever becomes a style. */
export function parseHex(hex: string): Rgb | null {
  const digits = HEX.exec(hex.trim())?.[1]
  if (!digits) return null
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) as unknown as Rgb
}

export const toHex = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`

/** Relative luminance, 0 (black) to 1 (white). */
export function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast ratio of two colours, 1 to 21; 1 when either cannot be read. */
export function contrast(first: string, second: string): number {
  const pair = [parseHex(first), parseHex(second)]
  if (!pair[0] || !pair[1]) return 1
  const [light, dark] = [luminance(pair[0]), luminance(pair[1])].toSorted((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** White where it is readable on the colour, else dark ink; black for the few middle tones where neither is. */
export function onBrand(brand: string): string {
  return ['#ffffff', DARK_INK].find((ink) => contrast(brand, ink) >= READABLE) ?? '#000000'
}

/** The colour, darkened until it can be read as text on white. */
export function brandText(brand: string): string {
  const rgb = parseHex(brand)
  if (!rgb) return DARK_INK
  for (let share = 1; share > 0; share -= 0.02) {
    const darker = toHex(rgb.map((part) => part * share) as unknown as Rgb)
    if (contrast(darker, '#ffffff') >= READABLE) return darker
  }
  return DARK_INK
}
