import { parseHex } from '@jifen/shared'

/** Second colours of the chart, each readable on white; green is left out, it stands for points gained. */
const SECOND_COLOURS = ['#2563c9', '#b45309', '#8b46c7']

/** Hue of a colour in degrees; greys answer 0. */
export function hue(hex: string): number {
  const [red, green, blue] = (parseHex(hex) ?? [0, 0, 0]).map((part) => part / 255) as [number, number, number]
  const high = Math.max(red, green, blue)
  const span = high - Math.min(red, green, blue)
  if (span === 0) return 0
  if (high === red) return ((((green - blue) / span) * 60) + 360) % 360
  return high === green ? ((blue - red) / span) * 60 + 120 : ((red - green) / span) * 60 + 240
}

function hueDistance(first: string, second: string): number {
  const apart = Math.abs(hue(first) - hue(second))
  return Math.min(apart, 360 - apart)
}

const GAINED = '#0e7a48'
const TOO_CLOSE = 45

/** Whether a merchant's colour could be taken for the green of points gained. */
export const isLikeGained = (brand: string): boolean => hueDistance(brand, GAINED) < TOO_CLOSE

/** The colour to put beside a merchant's own so that the two are told apart at a glance. */
export function secondColour(brand: string): string {
  return SECOND_COLOURS.toSorted((a, b) => hueDistance(b, brand) - hueDistance(a, brand))[0]!
}
