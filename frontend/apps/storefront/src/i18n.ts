import type { Locale } from '@jifen/api'
import { Locale as VantLocale } from 'vant/es/locale'
import { createI18n } from 'vue-i18n'
import { bootstrap } from './boot.ts'
import zh from './locales/zh-CN.ts'

export type Messages = typeof zh

/** Dotted paths of every text, so that a misspelt key does not compile. */
type Paths<Tree> = { [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${Paths<Tree[Key]>}` }[keyof Tree & string]
export type MessageKey = Paths<Messages>

const i18n = createI18n<false>({ legacy: false, locale: 'zh-hans', fallbackLocale: 'zh-hans', messages: { 'zh-hans': zh } })

/** Brings the texts of a language; Chinese is the source and always there. */
export async function loadMessages(locale: Locale) {
  if (locale === 'en') {
    const [{ default: en }, { default: vantEnglish }] = await Promise.all([import('./locales/en.ts'), import('vant/es/locale/lang/en-US')])
    i18n.global.setLocaleMessage('en', en)
    VantLocale.use('en-US', vantEnglish)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale === 'en' ? 'en' : 'zh-Hans'
  return i18n
}

/** Whether a number, as such or formatted, asks for the singular; a text without one does not mind. */
const isOne = (n: unknown) => n === undefined || n === 1 || n === '1'

/**
 * A text; `{point}` in it is the merchant's own name for points, `{unit}` the form of it that goes with the number `n`.
 * Of two forms of a text `n` picks one.
 */
export function t(key: MessageKey, named: Record<string, unknown> = {}, plural = isOne(named['n']) ? 1 : 2): string {
  const { point_name: point, point_name_one: one } = bootstrap.merchant
  return i18n.global.t(key, { point, unit: isOne(named['n']) ? one : point, ...named }, plural)
}
