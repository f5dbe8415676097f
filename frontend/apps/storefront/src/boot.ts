import { createClient, type Locale } from '@jifen/api'
import type { MallItemItems, MeOut, Operations } from '@jifen/api/storefront'
import { createFormatter, readBootstrap, rememberLocale } from '@jifen/shared'
import { shallowRef } from 'vue'

/** What the server wrote into the page, read once. */
export const bootstrap = readBootstrap()
export const { merchant, locale, features } = bootstrap

/** Numbers, money and dates of this merchant in this language. */
export const format = createFormatter({ locale, currency: merchant.currency, timezone: merchant.timezone })

/** Whether the browser holds a session, as far as is known; the server has the last word. */
export const isSignedIn = shallowRef(bootstrap.member !== null)

interface PageData {
  member?: MeOut | undefined
  mallItems?: MallItemItems | undefined
}

/** First answers that came with the page; they belong to the visitor it was rendered for. */
export const pageData: PageData = { member: bootstrap.member ?? undefined, mallItems: bootstrap.prefetch.mall_items }
export const pageLoadedAt = Date.now()

/** Called at sign-in and sign-out: what one member saw must never be shown to the next. */
export function forgetPageData(): void {
  pageData.member = undefined
  pageData.mallItems = undefined
}

export const call = createClient<Operations>({
  base: '/api/storefront/v1',
  locale: () => locale,
  csrfToken: () => bootstrap.csrf_token,
  onSignedOut: () => {
    isSignedIn.value = false
  },
})

/** The page is rendered anew, because the server's own texts change with the language. */
export function switchLocale(next: Locale): void {
  rememberLocale(next)
  location.reload()
}
