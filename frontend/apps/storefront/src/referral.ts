/** The invitation code a visitor came with, kept in this browser until sign-up or for 30 days. */
const KEY = 'jf_referral'
const KEPT_MS = 30 * 86_400_000

interface Kept {
  code: string
  until: number
}

/** As codes are written: capital letters and figures, at most 12. */
export function normaliseCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '').slice(0, 12)
}

/** Remembers a code; the first one that is kept stays until it is forgotten. */
export function keepCode(text: string, now = Date.now()): string {
  const known = keptCode(now)
  const code = normaliseCode(text)
  if (known || !code) return known
  try {
    localStorage.setItem(KEY, JSON.stringify({ code, until: now + KEPT_MS } satisfies Kept))
  } catch {
    // A browser that keeps nothing: the code can still be entered by hand.
  }
  return code
}

/** The kept code, or nothing. */
export function keptCode(now = Date.now()): string {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Kept> | null
    return kept && typeof kept.code === 'string' && typeof kept.until === 'number' && kept.until > now ? kept.code : ''
  } catch {
    return ''
  }
}

/** Used, or of no use any more. */
export function forgetCode(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // Nothing was kept.
  }
}
