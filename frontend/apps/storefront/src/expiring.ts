import type { LotOut } from '@jifen/api/storefront'
import { daysUntil, lastMoment } from '@jifen/shared'

export interface EndingDay {
  /** A moment on the last day of these points. */
  last: string
  points: number
}

/** What ends within so many days, one entry a local day, the soonest first; points under a hold do not end. */
export function endingWithin(lots: LotOut[], days: number, timezone: string, now?: Date): EndingDay[] {
  const found = new Map<number, EndingDay>()
  for (const lot of lots) {
    if (!lot.expires_at || lot.remaining === 0) continue
    const last = lastMoment(lot.expires_at)
    const left = daysUntil(last, timezone, now)
    if (left < 0 || left > days) continue
    const day = found.get(left)
    if (day) day.points += lot.remaining
    else found.set(left, { last, points: lot.remaining })
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, day]) => day)
}

/** Lots that end on the same day, and those that wait for the same moment, as one: nobody reads thirty rows of one day. */
export function joinLots(lots: LotOut[]): LotOut[] {
  const found = new Map<string, LotOut>()
  for (const lot of lots) {
    const key = `${lot.expires_at} ${lot.is_pending ? lot.matures_at : ''}`
    const known = found.get(key)
    if (known) found.set(key, { ...known, granted: known.granted + lot.granted, remaining: known.remaining + lot.remaining, held: known.held + lot.held })
    else found.set(key, lot)
  }
  return [...found.values()]
}
