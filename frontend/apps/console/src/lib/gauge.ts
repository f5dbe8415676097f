/** The gauge is a half circle around (100, 100): 0 at the left, the full scale at the right. */

/** A programme rarely sees more than this share used; the scale ends here so that the healthy mark has room. */
export const SCALE_END = 0.6

/** How far round the gauge a rate reaches, 0 to 1. */
export const gaugeShare = (rate: number): number => Math.min(Math.max(rate / SCALE_END, 0), 1)

/** Where a rate lies at a distance from the centre. */
export function gaugePoint(rate: number, radius: number): { x: number; y: number } {
  const angle = Math.PI * (1 - gaugeShare(rate))
  return { x: 100 + radius * Math.cos(angle), y: 100 - radius * Math.sin(angle) }
}
