import type { Locale } from '@jifen/api'
import type { SessionOut } from '@jifen/api/console'
import type { MallItemItems, MeOut } from '@jifen/api/storefront'

/** The shop whose page it is. */
export interface Merchant {
  slug: string
  name: string
  currency: string
  timezone: string
  locale: Locale
  mode: 'live' | 'test'
  logo: string | null
  brand: string
  on_brand: string
  brand_text: string
  point_name: string
  /** The word for a single one: `1 point`. */
  point_name_one: string
  /** How many points are worth one major unit of money. */
  points_per_unit: number
  country?: string
}

/** What the server writes into the page, so that the first screen needs no request. */
export interface Bootstrap {
  surface: 'storefront' | 'console'
  merchant: Merchant
  locale: Locale
  csrf_token: string
  member: MeOut | null
  session: SessionOut | null
  features: { demo_sign_in: boolean; transfers?: boolean; cash?: boolean; referral?: boolean }
  prefetch: { mall_items?: MallItemItems }
}

/** Reads `<script id="bootstrap" type="application/json">`. */
export function readBootstrap(root: Document = document): Bootstrap {
  const text = root.getElementById('bootstrap')?.textContent
  if (!text) throw new Error('the page carries no bootstrap data')
  const raw = JSON.parse(text) as Partial<Bootstrap> & Pick<Bootstrap, 'surface' | 'merchant'>
  return {
    locale: raw.merchant.locale,
    csrf_token: '',
    member: null,
    session: null,
    ...raw,
    features: { demo_sign_in: false, ...raw.features },
    prefetch: raw.prefetch ?? {},
  }
}

/** Remembers the language for a year, for the server's pages too. */
export function rememberLocale(locale: Locale, root: Document = document): void {
  root.cookie = `jf_lang=${locale}; path=/; max-age=31536000; samesite=lax`
}
