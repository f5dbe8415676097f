import type { Locale } from '@jifen/api'
import { createI18n, type I18n } from 'vue-i18n'
import type zh from './locales/zh-CN.ts'

export type Messages = typeof zh

const LOADERS: Record<Locale, () => Promise<{ default: Messages }>> = {
  'zh-hans': () => import('./locales/zh-CN.ts'),
  en: () => import('./locales/en.ts'),
}

/** The texts of one language; `points` is what this merchant calls its points and is known to every message. */
export async function loadI18n(locale: Locale): Promise<I18n> {
  const messages = await LOADERS[locale]()
  return createI18n({
    legacy: false,
    locale,
    messages: { [locale]: messages.default },
    missingWarn: false,
    fallbackWarn: false,
  }) as unknown as I18n
}
