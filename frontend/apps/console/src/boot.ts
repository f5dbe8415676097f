import { createClient } from '@jifen/api'
import type { Operations } from '@jifen/api/console'
import { createFormatter, readBootstrap } from '@jifen/shared'
import { forgetSession } from './session.ts'

/** What the server wrote into the page. */
export const boot = readBootstrap()
export const merchant = boot.merchant

/** Numbers, money and dates of this merchant in the reader's language. */
export const format = createFormatter({ locale: boot.locale, currency: merchant.currency, timezone: merchant.timezone })

/** Calls the console API. */
export const call = createClient<Operations>({
  base: '/api/console/v1',
  locale: () => boot.locale,
  csrfToken: () => boot.csrf_token,
  onSignedOut: forgetSession,
})

/** The currency as it is said after a number: 元 among Chinese readers, else its code. */
export const currencyWord = boot.locale === 'zh-hans' && merchant.currency === 'CNY' ? '元' : merchant.currency
