import { useI18n } from 'vue-i18n'
import { merchant } from '../boot.ts'

export type Named = Record<string, string | number>
export type Translate = (key: string, named?: Named) => string

/** Texts of the interface; every message may say `{points}`, the merchant's own word, and a number `n` picks the plural. */
export function useText(): { t: Translate; has: (key: string) => boolean } {
  const { t: translate, te: has } = useI18n()
  const t: Translate = (key, named = {}) => {
    const values = { points: merchant.point_name, ...named }
    return typeof named['n'] === 'number' ? translate(key, values, named['n']) : translate(key, values)
  }
  return { t, has: (key) => has(key) }
}
